"""What is asked of a data source."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.data import DataSettings, Preprocess


class SamplePreview(Struct, frozen=True):
    """One sample as the model will see it: a PNG in base64 (empty where it is no image), its file and label."""

    png: str
    file: str
    label: str


class DataPreview(Struct, frozen=True, tag="data_preview"):
    """What a data source holds. `notes` say what was guessed, and what cannot be had (without labels, say)."""

    kind: str
    samples: int
    labelled: bool
    classes: int
    calibration: int
    evaluation: int
    preprocess: Preprocess | None
    guessed: bool
    previews: tuple[SamplePreview, ...]
    notes: tuple[str, ...] = ()


class PreviewData(Struct, frozen=True, tag="preview_data"):
    """Look at a data source with the eyes of a model."""

    Result: ClassVar[type[Struct]] = DataPreview
    snapshot: str
    data: DataSettings
    seed: int = 0
    count: int = 8
