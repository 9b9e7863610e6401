"""What a user needs of a model: limits on what it may cost and lose, and what may be changed to keep them."""

from collections.abc import Iterable, Mapping
from math import log
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.judged import Judged
from desktop_app.core.settings import Knob

BUDGET_VERSION = 1

StrategyName = Literal["auto", "gradient", "reinforcement", "evolution", "bayesian", "random"]


class BudgetLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits that the compressed model is to keep; None sets none.

    Attributes:
        bytes: Of the file, at most.
        macs: Multiply-accumulates of one sample, at most.
        latency_ms: Milliseconds for one sample on this machine, at most.
        speedup: Times as fast as the original, at least.
        peak_memory: Bytes while one sample is computed, at most.
        max_drop: Points of accuracy lost, at most (1.0 is one of a hundred samples); needs labels.
        min_agreement: Share of samples with the same first choice as the original, at least, in [0, 1].
    """

    bytes: int | None = None
    macs: int | None = None
    latency_ms: float | None = None
    speedup: float | None = None
    peak_memory: int | None = None
    max_drop: float | None = None
    min_agreement: float | None = None

    @property
    def timed(self) -> bool:
        """Whether time is limited."""
        return self.latency_ms is not None or self.speedup is not None


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """A search to be made.

    Attributes:
        version: Of this file format.
        limits: What the result is to keep.
        free: The settings that may be chosen. Layers that the recipe locks stay as they are.
        time: Seconds to search at most, though one candidate is always judged; null for none.
        trials: Candidates to judge at most; null for none. One of both must be there.
        strategy: How candidates are found: "random"; "evolution" (NSGA-II); "bayesian" (tree-structured Parzen
            estimators); "gradient" (what every setting alone costs, weighed against what it saves by a Lagrange
            multiplier); "reinforcement" (a policy that walks the layers under the budget that remains, and learns);
            "auto" begins with the gradient's, and goes on with their children and with what it has learnt of them.
        finalists: Candidates that are carried out and measured whole in the end.
        recover: Batches on which each finalist is trained back.
        seed: Of all that is drawn.
        data: The samples that calibrate and judge.
    """

    version: int = BUDGET_VERSION
    limits: BudgetLimits = BudgetLimits()
    free: tuple[Knob, ...] = ("prune", "rank", "bits")
    time: float | None = None
    trials: int | None = 200
    strategy: StrategyName = "auto"
    finalists: int = 3
    recover: int = 0
    seed: int = 0
    data: DataSettings = DataSettings()

    @property
    def draft_limits(self) -> BudgetLimits:
        """What candidates are to keep before finalists are measured.

        Where these are trained back, that is what they cost: losses as they are before it would favour candidates that
        save too little. Where nothing but losses is limited, they stay, for the model as it is would be the best.
        """
        if not self.recover or not any(name in COSTS for name in set_limits(self.limits)):
            return self.limits
        return replace(self.limits, max_drop=None, min_agreement=None)


UNKNOWN = 1.0
"""What a limit whose figure could not be measured is missed by: nothing says that it is kept."""

LIMITED: Mapping[str, str] = {
    "bytes": "bytes",
    "macs": "macs",
    "latency_ms": "latency_ms",
    "speedup": "speedup",
    "peak_memory": "peak_memory",
    "max_drop": "drop",
    "min_agreement": "agreement",
}
"""Limit to the figure of a candidate that it limits."""

COSTS = ("bytes", "macs", "latency_ms", "speedup", "peak_memory")
"""Limits on what a model costs; the others are on what it loses."""


def misses(limits: BudgetLimits, judged: Judged) -> dict[str, float]:
    """The limits that a candidate does not keep, and by what share of each (of 1 for agreement, of 100 points).

    What is not measured until the end counts as kept before, and as missed then.
    """
    found = {name: _missed(name, limit, judged) for name, limit in set_limits(limits).items()}
    return {name: by for name, by in found.items() if by > 0.0}


def set_limits(limits: BudgetLimits) -> dict[str, float]:
    """The limits that are set, by name."""
    named = {name: getattr(limits, name) for name in LIMITED}
    return {name: float(limit) for name, limit in named.items() if limit is not None}


def without(limits: BudgetLimits, name: str) -> BudgetLimits:
    """All limits but one."""
    return replace(limits, **{name: None})


def preference(limits: BudgetLimits, judged: Judged) -> tuple[float, float]:
    """What comes first: limits missed by less in sum; among equals what is asked for least.

    That is the noise of the outputs where the limits are on costs, and size and time where they are only on losses.
    """
    missed = sum(misses(limits, judged).values())
    if any(name in COSTS for name in set_limits(limits)):
        return missed, judged.noise
    return missed, log(max(judged.bytes, 1)) + log(max(judged.latency_ms, 1e-9))


def best_without(limits: BudgetLimits, judged: Iterable[Judged]) -> dict[str, Judged]:
    """Limit to the best candidate that keeps all others, for each limit without which there is one: what it costs."""
    made = [one for one in judged if not one.failed]
    found: dict[str, Judged] = {}
    for name in set_limits(limits):
        others = without(limits, name)
        best = min(made, key=lambda one: (*preference(others, one), misses(limits, one).get(name, 0.0)), default=None)
        if best is not None and not misses(others, best):
            found[name] = best
    return found


def _missed(name: str, limit: float, judged: Judged) -> float:
    value = getattr(judged, LIMITED[name])
    if value is None:
        return UNKNOWN if judged.measured else 0.0
    match name:
        case "speedup":
            return limit / max(float(value), 1e-9) - 1.0
        case "min_agreement":
            return limit - float(value)
        case "max_drop":
            return (float(value) - limit) / 100.0
    return float(value) / limit - 1.0
