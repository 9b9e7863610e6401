"""How a promise on the window's speed is measured and told: on the processor's time of the window's thread.

What else the computer does does not count, and what the window's thread waits for is not its stall.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import thread_time

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

STALL_MS = 16.0


@dataclass(frozen=True)
class Promise:
    """A figure and what it may be, in milliseconds."""

    name: str
    measured: float
    allowed: float
    more: str = ""

    def __str__(self) -> str:
        verdict = "ok" if self.measured <= self.allowed else "MISS"
        return f"{self.name:46}{self.measured:9.1f} ms   allowed {self.allowed:5.0f} ms  {verdict:5}{self.more}"


def tell(promise: Promise) -> Promise:
    """Prints it at once."""
    sys.stdout.write(f"{promise}\n")
    sys.stdout.flush()
    return promise


def computed(act: Callable[[], object]) -> float:
    """Milliseconds that the thread computes for an act and for what the window then draws."""
    began = thread_time()
    act()
    QApplication.processEvents()
    return (thread_time() - began) * 1000


def promise(name: str, allowed: float, acts: list[Callable[[], object]]) -> Promise:
    """The median of several acts of a kind; the longest is told beside it."""
    times = [computed(act) for act in acts]
    return tell(Promise(name, median(times), allowed, f"longest {max(times):.1f}"))


class Turns(QObject):
    """How long each turn of the event loop computed, in milliseconds: nothing is drawn or clicked within one."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[float] = []
        dispatcher = QApplication.instance().eventDispatcher()
        dispatcher.awake.connect(self._begin)
        dispatcher.aboutToBlock.connect(self._end)
        self._began: float | None = None

    def _begin(self) -> None:
        now = thread_time()
        if self._began is not None:
            self.lengths.append((now - self._began) * 1000)
        self._began = now

    def _end(self) -> None:
        if self._began is not None:
            self.lengths.append((thread_time() - self._began) * 1000)
            self._began = None

    def stall(self, beat_ms: float = 10.0) -> tuple[float, float]:
        """How late a timer of `beat_ms` would be: the 99th percentile and the most.

        A beat falls into a turn as likely as the turn is long; it is late by what then is left of the turn.
        """
        if not self.lengths:
            return 0.0, 0.0
        return float(np.percentile(self.lengths, 99)), max(self.lengths)


def live(seconds: float) -> None:
    """Lets the window live."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
