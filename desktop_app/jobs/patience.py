"""How long a worker is waited for."""

from collections.abc import Callable
from time import monotonic

from desktop_app.jobs.deaths import Cause
from desktop_app.jobs.limits import Limits

STARVED = 4
"""A worker has low priority: on a busy computer it may wait much longer than it works, but not for ever."""
MOSTLY = 0.9
"""Share of the time that a worker which hangs in a loop gets of an idle computer."""
LOOK_AGAIN_SECONDS = 1.0


class Patience:
    """Tells when a worker has had its time: that of the limits by its own work, or `STARVED` times that by the clock.

    Args:
        limits: Of the task.
        worked: Seconds that the worker has computed in its life.
        clock: Seconds of the clock on the wall.
    """

    def __init__(self, limits: Limits, worked: Callable[[], float], clock: Callable[[], float] = monotonic) -> None:
        self._limits = limits
        self._worked = worked
        self._clock = clock
        self._began = clock()
        self.heard()

    def heard(self) -> None:
        """Takes note of a sign of life."""
        self._heard = self._clock()
        self._worked_then = self._worked()
        self._look_at = self._heard + self._limits.silence

    @property
    def deadline(self) -> float:
        """When to ask for the verdict, if nothing was heard until then."""
        return min(self._look_at, self._began + self._limits.total)

    def verdict(self) -> tuple[Cause, float] | None:
        """Why the worker must end, and the limit that it broke; None where it may go on."""
        now, silence = self._clock(), self._limits.silence
        if now >= self._began + self._limits.total:
            return ("over_limit" if self._limits.chosen else "too_long"), self._limits.total
        if now < self._look_at:
            return None
        hangs = self._worked() - self._worked_then >= MOSTLY * silence
        if hangs or now >= self._heard + STARVED * silence:
            return "silent", silence
        self._look_at = min(now + LOOK_AGAIN_SECONDS, self._heard + STARVED * silence)
        return None
