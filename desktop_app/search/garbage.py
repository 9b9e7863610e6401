"""Garbage collected between candidates, not while one is made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_afterwards() -> Iterator[None]:
    """Looks for garbage once the body is done, and there only among what it made.

    Graphs are thousands of small objects: to look through all of them again and again while a model is copied and
    rewritten takes a quarter of the time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
            gc.collect(1)
