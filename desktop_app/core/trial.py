"""A recipe that was tried, and what came of it: a run of the user, or a trial of a search."""

from typing import Literal, Protocol

from msgspec import Struct

from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Figures, Ratio

Origin = Literal["run", "search"]


class Trial(Struct, frozen=True):
    """A point of a trade-off.

    Attributes:
        id: Unlike any other's.
        title: What the user calls it: "#3".
        recipe: What was carried out.
        original: The model as it was opened, measured beside the result.
        compressed: The result.
        speedup: The original's time over the result's, measured in turns; None where it was not measured.
        origin: Who tried it.
        lost: Points of accuracy lost, where a search has told that and no accuracies.
        measured: Whether it was carried out and measured whole; else its time is predicted, and it is a draft.
    """

    id: str
    title: str
    recipe: Recipe
    original: Figures
    compressed: Figures
    speedup: Ratio | None = None
    origin: Origin = "run"
    lost: float | None = None
    measured: bool = True

    @property
    def points_lost(self) -> float | None:
        """Percentage points of accuracy lost; without labels, of answers that differ; None where neither is known.

        Below zero where accuracy was gained.
        """
        if self.lost is not None:
            return self.lost
        if self.original.accuracy is not None and self.compressed.accuracy is not None:
            return 100 * (self.original.accuracy - self.compressed.accuracy)
        fidelity = self.compressed.fidelity
        if fidelity is None or fidelity.top1_agreement is None:
            return None
        return 100 * (1 - fidelity.top1_agreement)


class Keeps(Protocol):
    """Tells which trials keep what is asked for."""

    def kept_by(self, trial: Trial) -> bool:
        """Whether a trial keeps to all of it."""


class Limits(Struct, frozen=True):
    """What a trial must keep to; None limits nothing.

    Attributes:
        most_bytes: Size of the result.
        least_speedup: Original time over the result's.
        most_lost: Percentage points lost, see `Trial.points_lost`.
    """

    most_bytes: float | None = None
    least_speedup: float | None = None
    most_lost: float | None = None

    def kept_by(self, trial: Trial) -> bool:
        """Whether a trial keeps to all of them; what was not measured is not known to be kept."""
        speedup = None if trial.speedup is None else -trial.speedup.median
        least = None if self.least_speedup is None else -self.least_speedup
        pairs = (
            (float(trial.compressed.bytes), self.most_bytes),
            (speedup, least),
            (trial.points_lost, self.most_lost),
        )
        return all(limit is None or (value is not None and value <= limit) for value, limit in pairs)
