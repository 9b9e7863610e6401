"""The token of a task in the worker: tells the host what is done, and hears that it should stop."""

import math
import threading
from collections.abc import Callable
from time import monotonic

from msgspec.structs import replace

from desktop_app.core.errors import Cancelled
from desktop_app.core.progress import Event, Measurement, Progress, Searched
from desktop_app.core.sensitivity import LayerSensitivity
from desktop_app.jobs.pace import Pace

INTERVAL = 0.1
"""Seconds between two progress messages: a person cannot read faster, and a window need not draw faster."""


class PipeToken:
    """Sends at most one progress message every `interval` seconds, the last one always; every measurement at once.

    Of each stage the newest progress waits for its turn, so that a short stage is seen as well as a long one.
    """

    def __init__(self, send: Callable[[Event], None], interval: float = INTERVAL) -> None:
        self._send = send
        self._interval = interval
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._pending: dict[str, Progress] = {}
        self._timer: threading.Timer | None = None
        self._next = 0.0
        self._pace = Pace()
        self._closed = False

    @property
    def cancelled(self) -> bool:
        """Whether the user has asked to stop."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Takes note that the user has asked to stop; from any thread."""
        self._cancelled.set()

    def check(self) -> None:
        """Raises `Cancelled` if the user has asked to stop."""
        if self.cancelled:
            raise Cancelled

    def report(self, event: Event) -> None:
        """Sends a measurement now, progress when its turn comes; figures that are not finite are no measurements."""
        if isinstance(event, LayerSensitivity | Searched):
            self._send(event)
            return
        if isinstance(event, Measurement):
            if math.isfinite(event.value):
                self._send(replace(event, low=_finite(event.low), high=_finite(event.high)))
            return
        with self._lock:
            if not self._closed:
                self._pending.pop(event.stage, None)  # to the end: the last word is the last in the row
                eta = _finite(self._pace.seconds_left(event))
                self._pending[event.stage] = replace(event, done=_finite(event.done) or 0.0, eta=eta)
                self._send_due()

    def close(self) -> None:
        """Sends the last progress, and nothing from now on: the result comes next."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            for last in list(self._pending.values())[-1:]:
                self._send(last)

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
            if not self._closed:
                self._send_due()

    def _send_due(self) -> None:
        """Sends what has waited longest, if its turn has come, and sees to it that the others get theirs."""
        wait = self._next - monotonic()
        if wait <= 0 and self._pending:
            self._send(self._pending.pop(next(iter(self._pending))))
            wait = self._interval
            self._next = monotonic() + wait
        if self._pending and self._timer is None:
            self._timer = threading.Timer(wait, self._on_time)
            self._timer.daemon = True
            self._timer.start()


def _finite(figure: float | None) -> float | None:
    """The figure, where JSON can say it."""
    return figure if figure is not None and math.isfinite(figure) else None
