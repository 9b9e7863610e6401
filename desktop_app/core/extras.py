"""What is installed only where it is asked for."""

from importlib.util import find_spec

INSTALL = "pip install 'compression-studio[learn]'"


def why_no_torch() -> str:
    """Why nothing can be trained here, a sentence; empty where it can. Looks for torch without importing it."""
    if find_spec("torch") is not None:
        return ""
    return f"PyTorch is not installed, and training needs it: {INSTALL}."
