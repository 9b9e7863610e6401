"""Reading a recipe file."""

from pathlib import Path

from desktop_app.core.progress import Token
from desktop_app.io.recipes import read_recipe
from desktop_app.jobs.recipes import ReadRecipe, RecipeRead


def run(request: ReadRecipe, token: Token) -> RecipeRead:
    """Reads a recipe. Raises InvalidRecipeError."""
    return RecipeRead(request.path, read_recipe(Path(request.path)))
