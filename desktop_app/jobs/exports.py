"""What is asked to give a model out."""

from typing import ClassVar

from msgspec import Struct


class Exported(Struct, frozen=True, tag="exported"):
    """A file was written, after it was compared in a fresh process with what was shown."""

    path: str
    bytes: int
    checked: str


class ExportModel(Struct, frozen=True, tag="export_model"):
    """Write a run's model where the user wants it. `format`: "onnx", "ort", or "bundle" (then `path` is a folder)."""

    Result: ClassVar[type[Struct]] = Exported
    model: str
    original: str
    path: str
    format: str = "onnx"
    run_folder: str = ""
