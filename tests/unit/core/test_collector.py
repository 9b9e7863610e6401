"""Tests of the pauses of Python's garbage collector."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from desktop_app.core.collector import collector_paused, made_to_stay


class Ring:
    """An object that lies on a cycle."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_the_collector_works_again_after_the_outermost_pause() -> None:
    with collector_paused():
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_works_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="no"), made_to_stay():
        raise ValueError("no")
    assert gc.isenabled()


def test_what_is_made_to_stay_is_out_of_the_collectors_sight() -> None:
    with made_to_stay():
        kept = Ring()
    assert not any(one is kept for one in gc.get_objects())


def test_garbage_from_before_does_not_stay() -> None:
    left = weakref.ref(Ring())
    with made_to_stay():
        assert left() is None
