"""Keeping a recipe as a preset of the user."""

from desktop_app.core.progress import Token
from desktop_app.io.presets import write_own
from desktop_app.jobs.recipes import Presets, SavePreset
from desktop_app.jobs.tasks.list_presets import all_presets


def run(request: SavePreset, token: Token) -> Presets:
    """Writes the file. Raises StudioError where that fails."""
    write_own(request.title, request.tip, request.recipe, request.name)
    return all_presets()
