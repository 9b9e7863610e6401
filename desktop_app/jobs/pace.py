"""How long a stage will still take, told from how long its first part took."""

from collections.abc import Callable
from time import monotonic

from desktop_app.core.progress import Progress

MIN_SECONDS, MIN_SHARE = 1.0, 0.05
"""Before this nothing can be told: the first samples are slower than the rest."""


class Pace:
    """Watches the stages of one task go by."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._stage = ""
        self._began = 0.0
        self._done = 0.0

    def seconds_left(self, event: Progress) -> float | None:
        """Seconds until the event's stage is done, if it goes on as it went; None where that cannot be told."""
        now = self._clock()
        if event.stage != self._stage or event.done < self._done:
            self._stage, self._began = event.stage, now
        self._done = event.done
        passed = now - self._began
        if event.eta is not None or event.done >= 1 or passed < MIN_SECONDS or event.done < MIN_SHARE:
            return event.eta
        return passed / event.done * (1 - event.done)
