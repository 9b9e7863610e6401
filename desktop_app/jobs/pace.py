"""How long a stage will still take, told from how long its parts took, the latest most of all."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from desktop_app.core.progress import Progress

MIN_SECONDS, MIN_SHARE = 1.0, 0.05
"""Before this nothing can be told: the first samples are slower than the rest."""
KEPT = 256
"""Points that are remembered of a stage."""
RECENT = 0.5
"""The pace of the last half of the time counts as much as that of all of it."""


@dataclass
class _Stage:
    """What is known of a stage: points of time and of the share that was done then, thinned where they are many."""

    points: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    first: tuple[float, float] = (0.0, 0.0)


class Pace:
    """Watches the stages of one task go by; one that is interrupted by another goes on where it was."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._stages: dict[str, _Stage] = {}
        self._current = ""

    def seconds_left(self, event: Progress) -> float | None:
        """Seconds until the event's stage is done, if it goes on as it went; None where that cannot be told."""
        now = self._clock()
        stage = self._stages.get(event.stage)
        if event.stage != self._current and stage is not None:
            _shift(stage, now - stage.points[-1][0])  # the time of the others is not its own
        self._current = event.stage
        if stage is None or event.done < stage.points[-1][1]:
            stage = self._stages[event.stage] = _Stage(first=(now, event.done))
        stage.points.append((now, event.done))
        began, at = stage.first
        passed, advanced = now - began, event.done - at
        if event.eta is not None or event.done >= 1 or passed < MIN_SECONDS or advanced < MIN_SHARE:
            return event.eta
        whole = passed / advanced
        since = next(point for point in stage.points if point[0] >= began + RECENT * passed)
        lately = (now - since[0]) / (event.done - since[1]) if event.done - since[1] >= MIN_SHARE / 2 else whole
        return (whole + lately) / 2 * (1 - event.done)


def _shift(stage: _Stage, seconds: float) -> None:
    stage.first = (stage.first[0] + seconds, stage.first[1])
    stage.points = deque(((at + seconds, done) for at, done in stage.points), maxlen=KEPT)
