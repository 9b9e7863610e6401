"""What the program is made of, for the About box: the list that a frozen program carries, or what is installed."""

import sys
from importlib import metadata
from pathlib import Path

import msgspec
from msgspec import Struct

SHOWN = (
    "PySide6-Essentials",
    "pyqtgraph",
    "onnxruntime",
    "onnx",
    "onnx-ir",
    "numpy",
    "torch",
    "onnxscript",
    "safetensors",
    "Pillow",
    "msgspec",
    "PyYAML",
    "Jinja2",
    "typer",
    "rich",
    "platformdirs",
    "psutil",
)
"""Distributions that an installation from source names; a frozen program lists all."""


class Component(Struct, frozen=True):
    """Software of others: its name, version, and licence as it calls it."""

    name: str
    version: str
    licence: str


def licences_folder() -> Path | None:
    """Where the terms of everything shipped stand; None where the program is not frozen."""
    if not getattr(sys, "frozen", False):
        return None
    here = Path(sys.executable).parent
    places = (here / "licences", here.parent / "Resources" / "licences")
    return next((place for place in places if place.is_dir()), None)


def components() -> tuple[Component, ...]:
    """What is shipped with the program, or installed beside it, in alphabetical order."""
    folder = licences_folder()
    if folder is not None:
        return msgspec.json.decode((folder / "components.json").read_bytes(), type=tuple[Component, ...])
    found = [_installed(name) for name in SHOWN]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.name.lower()))


def _installed(name: str) -> Component | None:
    try:
        known = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return None
    text = str(known.get("license_expression") or known.get("license") or _classified(known.get("classifier")))
    return Component(name, str(known["version"]), text.strip().partition("\n")[0][:60])


def _classified(classifiers: object) -> str:
    """The licence as older packages tell it: `License :: OSI Approved :: BSD License`."""
    told = [str(one) for one in classifiers] if isinstance(classifiers, list) else []
    return next((one.rpartition(" :: ")[2] for one in told if one.startswith("License :: ")), "")
