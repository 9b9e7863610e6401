"""Says again and again that this process still judges."""

import logging
import threading
from collections.abc import Callable
from time import time
from types import TracebackType
from typing import Self

from optuna.exceptions import OptunaError
from sqlalchemy.exc import SQLAlchemyError

from desktop_app.core.errors import StudioError


class Pulse:
    """A thread that beats for everything that this process holds.

    Args:
        beat: Tells the database that the holder of a number lives.
        close: Lets go what `beat` holds in its thread.
        seconds: Between beats.
    """

    def __init__(self, beat: Callable[[int], None], close: Callable[[], None], seconds: float) -> None:
        self._beat, self._close, self._seconds = beat, close, seconds
        self._held: set[int] = set()
        self._last = time()  # of the clock on the wall: others stand still while a computer sleeps
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._go_on, name="pulse", daemon=True)

    def hold(self, number: int) -> None:
        """Beats for it from now on."""
        self._beat(number)
        with self._lock:
            self._held.add(number)

    def let_go(self, number: int) -> None:
        """Beats for it no more."""
        with self._lock:
            self._held.discard(number)

    def holds(self, number: int) -> bool:
        """Whether it beats for it."""
        return number in self._held

    def catch_up(self) -> None:
        """Beats at once where beats were missed, as by a computer that slept."""
        if abs(time() - self._last) > 2 * self._seconds:
            self._beat_for_all()

    def _go_on(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self._beat_for_all()
            except (StudioError, OptunaError, SQLAlchemyError, OSError):  # Optuna wraps those of SQLAlchemy
                logging.getLogger(__name__).debug("a beat was missed", exc_info=True)  # the next one tries again
        self._close()

    def _beat_for_all(self) -> None:
        with self._lock:
            held = tuple(self._held)
        for number in held:
            self._beat(number)
        self._last = time()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
