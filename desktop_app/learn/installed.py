"""Whether this machine can train. Asking does not import torch, which takes seconds."""

from importlib.util import find_spec

from desktop_app.core.errors import StudioError

MISSING = "Training needs torch, which is not installed here: pip install 'compression-studio[learn]'."


def can_learn() -> bool:
    """Whether torch is installed."""
    return find_spec("torch") is not None


def require_torch() -> None:
    """Raises StudioError, saying what to install, where torch is missing."""
    if not can_learn():
        raise StudioError(MISSING)
