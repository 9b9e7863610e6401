"""What is asked of recipe files and presets."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.recipe import Recipe


class Preset(Struct, frozen=True):
    """A recipe to begin with; `tip` says in a sentence what it is good for.

    `name` names the file of one of the user's own; it is empty for those that come with the application.
    """

    title: str
    tip: str
    recipe: Recipe
    name: str = ""


class Presets(Struct, frozen=True, tag="presets"):
    """All presets; `broken` says of which files of the user none can be made, and why."""

    presets: tuple[Preset, ...]
    broken: tuple[str, ...] = ()


class ListPresets(Struct, frozen=True, tag="list_presets"):
    """Read the presets."""

    Result: ClassVar[type[Struct]] = Presets


class SavePreset(Struct, frozen=True, tag="save_preset"):
    """Keep a recipe as a preset of the user: in the file `name`, else in one for the title."""

    Result: ClassVar[type[Struct]] = Presets
    title: str
    tip: str
    recipe: Recipe
    name: str = ""


class DeletePreset(Struct, frozen=True, tag="delete_preset"):
    """Remove a preset of the user."""

    Result: ClassVar[type[Struct]] = Presets
    name: str


class RecipeRead(Struct, frozen=True, tag="recipe_read"):
    """A recipe file was read."""

    path: str
    recipe: Recipe


class ReadRecipe(Struct, frozen=True, tag="read_recipe"):
    """Read a recipe file."""

    Result: ClassVar[type[Struct]] = RecipeRead
    path: str


class RecipeWritten(Struct, frozen=True, tag="recipe_written"):
    """A recipe file was written."""

    path: str


class WriteRecipe(Struct, frozen=True, tag="write_recipe"):
    """Write a recipe file."""

    Result: ClassVar[type[Struct]] = RecipeWritten
    path: str
    recipe: Recipe
