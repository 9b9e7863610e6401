"""Long computations in the window's thread, a few milliseconds at a time."""

from collections.abc import Generator
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

SLICE_SECONDS = 0.004


class Slices(QObject):
    """Runs one generator at a time; another one takes its place.

    Signals:
        done: The generator has returned; what it returned.
    """

    done = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Generator[None, None, Any] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether something is left to do."""
        return self._steps is not None

    def start(self, steps: Generator[None, None, Any]) -> None:
        """Begins; what is small is done at once."""
        self._steps = steps
        self._timer.start(0)
        self._go_on()

    def stop(self) -> None:
        """Forgets what is left to do."""
        self._steps = None
        self._timer.stop()

    def _go_on(self) -> None:
        steps, until = self._steps, perf_counter() + SLICE_SECONDS
        if steps is None:
            return
        try:
            while perf_counter() < until:
                next(steps)
        except StopIteration as end:
            self.stop()
            self.done.emit(end.value)
