"""The token of a task in the worker: tells the host what is done, and hears that it should stop."""

import math
import threading
from collections.abc import Callable
from time import monotonic

from msgspec.structs import replace

from desktop_app.core.errors import Cancelled
from desktop_app.core.progress import Event, Measurement, Progress

INTERVAL = 0.1
"""Seconds between two progress messages: a person cannot read faster, and a window need not draw faster."""


class PipeToken:
    """Sends at most one progress message every `interval` seconds, the last one always; every measurement at once."""

    def __init__(self, send: Callable[[Event], None], interval: float = INTERVAL) -> None:
        self._send = send
        self._interval = interval
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._pending: Progress | None = None
        self._timer: threading.Timer | None = None
        self._next = 0.0
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
        if isinstance(event, Measurement):
            if math.isfinite(event.value):
                self._send(replace(event, low=_finite(event.low), high=_finite(event.high)))
            return
        with self._lock:
            self._pending = replace(event, done=_finite(event.done) or 0.0, eta=_finite(event.eta))
            wait = self._next - monotonic()
            if wait <= 0:
                self._flush()
            elif self._timer is None:
                self._timer = threading.Timer(wait, self._on_time)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Sends the last progress, and nothing from now on: the result comes next."""
        with self._lock:
            self._flush()
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
            self._flush()

    def _flush(self) -> None:
        if self._pending is not None and not self._closed:
            self._send(self._pending)
            self._pending = None
            self._next = monotonic() + self._interval


def _finite(figure: float | None) -> float | None:
    """The figure, where JSON can say it."""
    return figure if figure is not None and math.isfinite(figure) else None
