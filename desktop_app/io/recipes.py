"""Recipes as YAML files: strict on the way in, complete on the way out, so that they replay exactly."""

from pathlib import Path

import msgspec

from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.language import Words
from desktop_app.core.recipe import Recipe, to_builtins
from desktop_app.core.settings import LayerOverride
from desktop_app.core.validation import check_recipe
from desktop_app.io.atomic import write_text
from desktop_app.io.strict_yaml import convert, format_yaml, load_mapping, read_text

WHAT: Words = "recipe"


def read_recipe(path: Path) -> Recipe:
    """Reads and checks a recipe.

    Raises:
        InvalidRecipeError: naming the key that is wrong, and what it must be.
    """
    return parse_recipe(read_text(path, WHAT))


def parse_recipe(text: str) -> Recipe:
    """The recipe that a YAML text describes; keys that are left out take their defaults.

    Raises:
        InvalidRecipeError: naming the key that is wrong, and what it must be.
    """
    loaded = load_mapping(text, WHAT)
    layers = loaded.pop("layers", None)
    if layers is None:
        layers = {}
    if not isinstance(layers, dict):
        raise InvalidRecipeError("In the recipe, layers must hold the settings of layers by name.")
    recipe: Recipe = convert(loaded, Recipe, "", WHAT)
    overrides = {
        _layer_name(key): convert(value, LayerOverride, f"layers.{key}", WHAT) for key, value in layers.items()
    }
    recipe = msgspec.structs.replace(recipe, layers=overrides)
    check_recipe(recipe)
    return recipe


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Writes a recipe, whole or not at all. Raises StudioError."""
    write_text(path, format_recipe(recipe))


def format_recipe(recipe: Recipe) -> str:
    """The recipe as YAML, with every default written out, in the order of its definition."""
    return format_yaml(to_builtins(recipe))


def _layer_name(key: object) -> str:
    if not isinstance(key, str):
        raise InvalidRecipeError(f"In the recipe, layers.{key} must be a name: put it in quotes.")
    return key
