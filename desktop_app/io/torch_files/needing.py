"""What needs torch, and torch is an extra."""

from collections.abc import Iterator
from contextlib import contextmanager

from desktop_app.core.errors import StudioError
from desktop_app.core.extras import INSTALL


@contextmanager
def needing_torch(doing: str) -> Iterator[None]:
    """Around the imports of what belongs to the extra `learn`.

    Args:
        doing: What cannot be done without, in words that begin a sentence in lower case.

    Raises:
        StudioError: when a part of it is missing, with what to type.
    """
    try:
        yield
    except ImportError as error:
        raise StudioError(
            f"PyTorch is not installed, and {doing} needs it ({error.name or 'torch'} is missing): {INSTALL}."
        ) from error
