"""Writing a recipe file."""

from pathlib import Path

from desktop_app.core.progress import Token
from desktop_app.io.recipes import write_recipe
from desktop_app.jobs.recipes import RecipeWritten, WriteRecipe


def run(request: WriteRecipe, token: Token) -> RecipeWritten:
    """Writes a recipe, whole or not at all. Raises StudioError."""
    write_recipe(request.recipe, Path(request.path))
    return RecipeWritten(request.path)
