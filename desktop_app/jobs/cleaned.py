"""The opened models as every run cleans them first: what is pruned, rounded and taken apart is that."""

from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.jobs.opened import opened
from desktop_app.steps.clean import Clean

_cleaned: dict[str, Model] = {}


def cleaned(path: str) -> Model:
    """The cleaned model of a snapshot; only that of the newest is kept.

    Raises:
        InvalidFileError: when the file was too large to copy and has changed since, or cannot be read any more.
    """
    one = opened(path)
    if path not in _cleaned:
        _cleaned.clear()
        _cleaned[path] = Clean().apply(one.model, Recipe(), NO_DATA, SilentToken()).model
    return _cleaned[path]
