"""Presets: recipe files whose first two lines, comments, say what they are called and what they are good for."""

import re
from collections.abc import Sequence
from pathlib import Path

import platformdirs
from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError, StudioError
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.text import clean_name
from desktop_app.io.atomic import write_text
from desktop_app.io.recipes import format_recipe, parse_recipe, read_recipe

SUFFIX = ".yaml"
LONGEST_TITLE, LONGEST_TIP = 60, 200
MOST = 200
"""Files that are looked at: nobody finds anything in a longer list."""
FILE_NAME = re.compile(r"[\w-]{1,64}")


class PresetFile(Struct, frozen=True):
    """A preset and the name of its file, without the suffix."""

    name: str
    title: str
    tip: str
    recipe: Recipe


def own_folder() -> Path:
    """Where this user's presets lie."""
    return platformdirs.user_data_path("compression-studio", appauthor=False) / "presets"


def read_builtin() -> tuple[PresetFile, ...]:
    """The presets that come with the program, in the order of their file names."""
    return tuple(_described(path, parse_recipe(path.read_text("utf-8"))) for path in _files(resource("presets")))


def read_own() -> tuple[tuple[PresetFile, ...], tuple[str, ...]]:
    """The user's presets by title, and a sentence for each file that is none."""
    presets, broken = [], []
    for path in _files(own_folder())[:MOST]:
        try:
            presets.append(_described(path, read_recipe(path)))
        except InvalidRecipeError as error:
            broken.append(f"Your preset {clean_name(path.name)} is left out: {error}")
    return tuple(sorted(presets, key=lambda one: one.title.casefold())), tuple(broken)


def write_own(title: str, tip: str, recipe: Recipe, name: str = "") -> None:
    """Keeps a recipe as a preset of the user: without its data and seed, which are not what a preset is about.

    Args:
        title: What it is called; a preset of that title is replaced.
        tip: What it is good for, in a sentence; may be empty.
        recipe: What it asks for.
        name: The file to write, of a preset that is kept already; empty for one of the title.

    Raises:
        StudioError: where it cannot be written.
    """
    title = clean_name(title, LONGEST_TITLE)
    asked = replace(recipe, data=DataSettings(), seed=Recipe().seed)
    text = f"# {title}\n# {clean_name(tip, LONGEST_TIP) if tip.strip() else ''}\n{format_recipe(asked)}"
    path = _path(name or _name_for(title, read_own()[0]))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StudioError(f"The folder of your presets cannot be made: {error.strerror}.") from error
    write_text(path, text)


def delete_own(name: str) -> None:
    """Removes a preset of the user; one that is gone already is no error. Raises StudioError."""
    try:
        _path(name).unlink(missing_ok=True)
    except OSError as error:
        raise StudioError(f"The preset cannot be deleted: {error.strerror}.") from error


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _described(path: Path, recipe: Recipe) -> PresetFile:
    with path.open(encoding="utf-8-sig") as file:
        first, second = file.readline(1000), file.readline(1000)
    title, tip = (line[1:].strip() if line.startswith("#") else "" for line in (first, second))
    return PresetFile(
        path.stem,
        clean_name(title or path.stem, LONGEST_TITLE),
        clean_name(tip, LONGEST_TIP) if tip else "",
        recipe,
    )


def _name_for(title: str, known: Sequence[PresetFile]) -> str:
    """The file of the preset of that title; else a free name made of its letters and digits."""
    same = next((one.name for one in known if one.title == title), None)
    if same is not None:
        return same
    stem = re.sub(r"\W+", "_", title).strip("_").lower()[:48] or "preset"
    names = (stem, *(f"{stem}_{number}" for number in range(2, MOST + 2)))
    return next((name for name in names if not _path(name).exists()), stem)


def _path(name: str) -> Path:
    if not FILE_NAME.fullmatch(name):
        raise StudioError(f"{clean_name(name)} is no name of a preset.")
    return own_folder() / f"{name}{SUFFIX}"
