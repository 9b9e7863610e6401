"""Time left as a person wants to read it: it runs down, and does not jump about with every new estimate."""

from collections.abc import Callable
from time import monotonic

MORE_SHARE, MORE_SECONDS = 0.2, 3.0
"""A later end is told only if it is so much later ..."""
SURE_SECONDS = 2.0
"""... and stays so for so long."""


class Countdown:
    """What is shown of the estimates of one stage after the other.

    Args:
        clock: Seconds of the clock on the wall.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Something else begins."""
        self._stage = ""
        self._end: float | None = None
        self._later_since: float | None = None

    def hear(self, stage: str, left: float | None) -> None:
        """Takes an estimate of the seconds left; sooner is believed at once, later only if it stays so."""
        now = self._clock()
        if stage != self._stage:
            self.reset()
            self._stage = stage
        if left is None:
            return
        shown = self.left()
        if shown is None or left <= shown:
            self._end, self._later_since = now + left, None
        elif left - shown <= max(MORE_SECONDS, MORE_SHARE * shown):
            self._later_since = None
        elif self._later_since is None:
            self._later_since = now
        elif now - self._later_since >= SURE_SECONDS:
            self._end, self._later_since = now + left, None

    def left(self) -> float | None:
        """Seconds left now; None where that is not known."""
        return None if self._end is None else max(0.0, self._end - self._clock())
