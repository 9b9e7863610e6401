"""A result that JSON cannot say, and one that is too large for a message."""

from msgspec.structs import replace

from desktop_app.core.progress import Token
from desktop_app.core.settings import LayerSettings
from desktop_app.jobs.messages import MAX_MESSAGE_BYTES
from desktop_app.jobs.recipes import RecipeRead, WriteRecipe


def run(request: WriteRecipe, token: Token) -> RecipeRead:
    if request.path == "not finite":
        return RecipeRead("", replace(request.recipe, defaults=LayerSettings(prune=float("nan"))))
    return RecipeRead("x" * (MAX_MESSAGE_BYTES + 1), request.recipe)
