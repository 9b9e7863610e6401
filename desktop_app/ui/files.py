"""What the files are that are dropped on a window, named on the command line or opened from a file manager."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["model", "recipe", "data", "other"]

ONNX_SUFFIX = ".onnx"
TORCH_SUFFIXES = (".pth", ".pt", ".th", ".ckpt", ".safetensors", ".pt2")
RECIPE_SUFFIXES = (".yaml", ".yml")
ARRAYS_SUFFIX = ".npz"
RUN_MODEL, RUN_RECIPE = "model.onnx", "recipe.yaml"
"""A folder with these is what a run has left: its model is meant."""


@dataclass(frozen=True)
class Files:
    """Paths by what they are, in the order in which they came."""

    models: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def kind_of(path: str) -> Kind:
    """What a path is, by its name, or by what the folder holds; nothing is opened."""
    suffix = Path(path).suffix.lower()
    if Path(path).is_dir():
        return "model" if _is_run(Path(path)) else "data"
    if suffix == ONNX_SUFFIX or suffix in TORCH_SUFFIXES:
        return "model"
    if suffix in RECIPE_SUFFIXES:
        return "recipe"
    return "data" if suffix == ARRAYS_SUFFIX else "other"


def sort_files(paths: Iterable[str]) -> Files:
    """Tells the paths apart; of the folder of a run, its model is taken."""
    found: dict[Kind, list[str]] = {"model": [], "recipe": [], "data": [], "other": []}
    for path in dict.fromkeys(paths):
        kind = kind_of(path)
        found[kind].append(str(Path(path) / RUN_MODEL) if kind == "model" and Path(path).is_dir() else path)
    return Files(*(tuple(found[kind]) for kind in ("model", "recipe", "data", "other")))


def _is_run(folder: Path) -> bool:
    return (folder / RUN_MODEL).is_file() and (folder / RUN_RECIPE).is_file()
