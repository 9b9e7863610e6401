"""Python's garbage collector, kept from going through large graphs again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Nothing is collected meanwhile; what lies on no cycle is freed as always. May be nested."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """What is made meanwhile is never looked at again by the collector: for what lives as long as the process."""
    gc.collect()
    with collector_paused():
        yield
        gc.freeze()
