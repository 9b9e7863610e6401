"""How a promise on the window's speed is measured and told: on the processor's time of the window's thread.

What else the computer does does not count, and what the window's thread waits for is not its stall.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import thread_time

from PySide6.QtCore import QEventLoop, QTimer
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


def yardstick() -> float:
    """Milliseconds of the processor for a fixed piece of work: what the figures of two days, or machines, differ by."""
    began = thread_time()
    sum(place * place for place in range(200_000))
    return (thread_time() - began) * 1000


def live(seconds: float) -> None:
    """Lets the window live."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
