"""Tests of the collector of the window's thread: what Qt owns is destroyed where it lives."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.ui.collecting import LOOK_MS, Collecting


@pytest.fixture
def collecting(qapp) -> Iterator[Collecting]:
    made = Collecting(qapp)
    yield made
    made.stop()


class _Cycle(QWidget):
    """A widget as views are: it lies on a cycle, and so does what tells by which thread it went."""

    def __init__(self, gone: list[str]) -> None:
        super().__init__()
        self.itself = self
        self.teller = _Teller(gone)


class _Teller:
    def __init__(self, gone: list[str]) -> None:
        self._gone = gone

    def __del__(self) -> None:
        self._gone.append(threading.current_thread().name)


def _make_much() -> None:
    """As much as makes Python collect, several times over."""
    kept = [[one] for one in range(20 * gc.get_threshold()[0])]
    kept.clear()


def test_other_threads_collect_nothing(collecting) -> None:
    gone: list[str] = []
    _Cycle(gone)
    other = threading.Thread(target=_make_much)
    other.start()
    other.join()
    assert gone == []


def test_the_event_loop_collects(collecting, qtbot) -> None:
    gone: list[str] = []
    kept = [QObject() for _ in range(2 * gc.get_threshold()[0])]
    _Cycle(gone)

    def collected() -> bool:
        kept.extend(QObject() for _ in range(100))  # whoever else collects begins the count anew
        return bool(gone)

    qtbot.waitUntil(collected, timeout=20 * LOOK_MS)
    assert gone == [threading.main_thread().name]


def test_python_collects_again_when_it_is_over(qapp) -> None:
    made = Collecting(qapp)
    assert not gc.isenabled()
    made.stop()
    assert gc.isenabled()
