"""The numbers of the trade-off's pictures: where each trial stands, which are not beaten, and which keep the limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from desktop_app.core.front import front
from desktop_app.core.report import Figures
from desktop_app.core.trial import Keeps, Trial
from desktop_app.ui.plots.axes import Axis, Interval, known

Spot = tuple[float, float]


@dataclass(frozen=True)
class Dot:
    """A trial in the picture.

    Attributes:
        trial: Which.
        x: Its figure across.
        y: Its figure upwards.
        on_front: Whether no other trial that keeps the limits, nor the original, is better in both.
        feasible: Whether it keeps the limits.
        x_interval: 95 % interval across, where there is one.
        y_interval: The same upwards.
    """

    trial: Trial
    x: float
    y: float
    on_front: bool
    feasible: bool
    x_interval: Interval | None = None
    y_interval: Interval | None = None

    @property
    def stands_out(self) -> bool:
        """Whether it was measured whole among candidates that were not."""
        return self.trial.origin == "search" and self.trial.measured


@dataclass(frozen=True)
class TradeOff:
    """A picture of trials by two figures.

    Attributes:
        x: What stands across.
        y: What stands upwards.
        dots: The trials that have both figures, in their order.
        original: Where the model stands as it was opened; None where that is not known.
        line: The corners of the front, from left to right: beyond it, on the better side, nothing was found.
        left_out: How many trials lack one of the figures.
        hidden: How many do not keep the limits and are not to be shown.
    """

    x: Axis
    y: Axis
    dots: tuple[Dot, ...] = ()
    original: Spot | None = None
    line: tuple[Spot, ...] = ()
    left_out: int = 0
    hidden: int = 0


def trade_off(
    trials: Sequence[Trial],
    axes: tuple[Axis, Axis],
    original: Figures,
    limits: Keeps,
    only_feasible: bool = False,
    else_all: bool = False,
) -> TradeOff:
    """Places trials by two figures.

    Args:
        trials: In any order.
        axes: What stands across, and what upwards.
        original: What all are compared with.
        limits: Which trials are feasible.
        only_feasible: Whether the others are left out.
        else_all: Whether the front is that of all where none is feasible.
    """
    x, y = axes
    placed = [(trial, spot) for trial in trials if (spot := _spot(trial, axes, original)) is not None]
    feasible = {trial.id for trial, _ in placed if limits.kept_by(trial)}
    across, up = x.original(original), y.original(original)
    start = None if across is None or up is None else (across, up)
    everyone = else_all and not feasible
    rivals = [(trial.id, spot) for trial, spot in placed if everyone or trial.id in feasible]
    spots = [spot for _, spot in rivals] + ([start] if start is not None else [])
    unbeaten = front([(x.cost(spot[0]), y.cost(spot[1])) for spot in spots])
    best = {name for place, (name, _) in enumerate(rivals) if place in unbeaten}
    dots = tuple(
        Dot(
            trial,
            *spot,
            trial.id in best,
            trial.id in feasible,
            x.interval(trial, original),
            y.interval(trial, original),
        )
        for trial, spot in placed
        if trial.id in feasible or not only_feasible
    )
    line = corners([spots[place] for place in unbeaten], x) if best else ()
    return TradeOff(x, y, dots, start, line, len(trials) - len(placed), len(placed) - len(dots))


def corners(spots: Sequence[Spot], x: Axis) -> tuple[Spot, ...]:
    """The staircase through the spots of a front, from left to right: what is not worse than any of them."""
    ordered = sorted(set(spots), key=lambda one: x.cost(one[0]))
    steps = ordered[:1]
    for before, spot in pairwise(ordered):
        steps += [(spot[0], before[1]), spot]
    return tuple(steps if x.less_is_better else steps[::-1])


@dataclass(frozen=True)
class Line:
    """A trial across all axes: its height on each in [0, 1], the better the higher; None where it has no figure."""

    trial: Trial
    heights: tuple[float | None, ...]
    on_front: bool
    feasible: bool


@dataclass(frozen=True)
class Parallel:
    """A picture of trials by all figures side by side.

    Attributes:
        axes: From left to right.
        ends: The figures at the bottom and at the top of each axis.
        lines: The trials.
        original: Heights of the model as it was opened.
    """

    axes: tuple[Axis, ...] = ()
    ends: tuple[Spot, ...] = ()
    lines: tuple[Line, ...] = ()
    original: tuple[float | None, ...] = ()


TWINS = ("latency", "params")
"""Axes that tell what another one tells, and are left out where all stand side by side."""


def parallel(picture: TradeOff, trials: Sequence[Trial], original: Figures) -> Parallel:
    """The same trials as in a picture of two figures, by all figures that are known of any of them."""
    if not picture.dots:
        return Parallel()
    shown = [dot.trial for dot in picture.dots]
    axes = tuple(axis for axis in known(trials, original) if axis.id not in TWINS)
    rows = [tuple(axis.value(trial, original) for axis in axes) for trial in shown]
    start = tuple(axis.original(original) for axis in axes)
    ends = tuple(_ends(axis, column) for axis, column in zip(axes, zip(*rows, start, strict=True), strict=True))
    lines = tuple(
        Line(dot.trial, _heights(row, ends), dot.on_front, dot.feasible)
        for dot, row in zip(picture.dots, rows, strict=True)
    )
    return Parallel(axes, ends, lines, _heights(start, ends))


def _spot(trial: Trial, axes: tuple[Axis, Axis], original: Figures) -> Spot | None:
    x, y = (axis.value(trial, original) for axis in axes)
    return None if x is None or y is None else (x, y)


def _ends(axis: Axis, column: Sequence[float | None]) -> Spot:
    """The worst and the best figure of an axis."""
    values = [one for one in column if one is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (high, low) if axis.less_is_better else (low, high)


def _heights(row: Sequence[float | None], ends: Sequence[Spot]) -> tuple[float | None, ...]:
    return tuple(None if value is None else _height(value, *end) for value, end in zip(row, ends, strict=True))


def _height(value: float, worst: float, best: float) -> float:
    """All are as good as the best where there is but one figure."""
    return 1.0 if worst == best else (value - worst) / (best - worst)
