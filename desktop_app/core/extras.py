"""What is installed only where it is asked for."""

import sys
from importlib.util import find_spec

INSTALL = "pip install 'compression-studio[learn]'"
FULL_SIZE = "install Compression Studio in its full size, which brings it along"


def why_no_torch() -> str:
    """Why nothing can be trained here, a sentence; empty where it can. Looks for torch without importing it."""
    if find_spec("torch") is not None:
        return ""
    if getattr(sys, "frozen", False):
        return f"PyTorch is not in this size of the program, and training needs it: {FULL_SIZE}."
    return f"PyTorch is not installed, and training needs it: {INSTALL}."
