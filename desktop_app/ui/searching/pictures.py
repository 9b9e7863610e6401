"""The numbers of a search's pictures: the trade-off of its candidates, the lines beside each other, what matters."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.core.searching import Importance
from desktop_app.core.space import Choice
from desktop_app.ui.plots.tradeoff import Parallel, TradeOff, parallel, trade_off
from desktop_app.ui.searching.candidates import Candidates

MOST_LINES = 80
"""More lines beside each other could not be told apart."""

MOST_CHOICES = 40
"""So many choices are listed, those that matter most."""


@dataclass(frozen=True)
class Weight:
    """What a choice matters: how noise, time and size follow it, in [-1, 1] about."""

    choice: Choice
    noise: float
    latency: float
    bytes: float

    @property
    def most(self) -> float:
        """The greatest of them, without its sign."""
        return max(abs(self.noise), abs(self.latency), abs(self.bytes))


def picture_of(candidates: Candidates) -> TradeOff | None:
    """The candidates by two figures; None before there are any."""
    original, only = candidates.original, candidates.picture.only_feasible
    if original is None:
        return None
    return trade_off(candidates.trials, candidates.axes(original), original, candidates, only, else_all=True)


def lines_of(candidates: Candidates, picture: TradeOff) -> Parallel:
    """The same side by side: the front, what was measured, what is selected, and of the others the newest."""
    if candidates.original is None:
        return Parallel()
    selected = set(candidates.selected)
    first = [one for one in picture.dots if one.on_front or one.stands_out or one.trial.id in selected]
    chosen = {one.trial.id for one in [*first, *reversed(picture.dots)][: max(MOST_LINES, len(first))]}
    dots = tuple(one for one in picture.dots if one.trial.id in chosen)
    few = TradeOff(picture.x, picture.y, dots)
    return parallel(few, [one.trial for one in dots], candidates.original)


def weights_of(choices: Sequence[Choice], importance: Importance | None) -> tuple[Weight, ...]:
    """The choices that matter most, the first most of all; none before anything is known."""
    if importance is None or len(importance.noise) != len(choices):
        return ()
    rows = zip(choices, importance.noise, importance.latency, importance.bytes, strict=True)
    return tuple(sorted((Weight(*row) for row in rows), key=lambda one: -one.most)[:MOST_CHOICES])


def by_knob(choices: Sequence[Choice], importance: Importance | None) -> dict[str, tuple[float, float, float]]:
    """Setting to its share of all that noise, time and size follow, in [0, 1]."""
    if importance is None or len(importance.noise) != len(choices):
        return {}
    columns = [[abs(one) for one in column] for column in (importance.noise, importance.latency, importance.bytes)]
    wholes = [sum(column) or 1.0 for column in columns]
    found: dict[str, list[float]] = {}
    for place, choice in enumerate(choices):
        shares = found.setdefault(choice.knob, [0.0, 0.0, 0.0])
        for figure, (column, whole) in enumerate(zip(columns, wholes, strict=True)):
            shares[figure] += column[place] / whole
    return {knob: (one[0], one[1], one[2]) for knob, one in found.items()}
