"""Removing a preset of the user."""

from desktop_app.core.progress import Token
from desktop_app.io.presets import delete_own
from desktop_app.jobs.recipes import DeletePreset, Presets
from desktop_app.jobs.tasks.list_presets import all_presets


def run(request: DeletePreset, token: Token) -> Presets:
    """Deletes the file. Raises StudioError where that fails."""
    delete_own(request.name)
    return all_presets()
