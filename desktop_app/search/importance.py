"""How much each choice matters: a regression of the ranks of the figures on the ranks of the values.

Standardised rank regression (Iman & Conover 1979) with a small ridge: strategies change many choices at once, and what
a choice does by itself is asked for, not what goes along with it. Ranks, because noise spans decades.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.judged import Judged
from desktop_app.core.progress import Event, Token
from desktop_app.core.searching import Importance
from desktop_app.core.tokens import InFront

RIDGE = 0.1
"""Of the mean square of a column: with few candidates choices share what cannot be told apart."""

FEWEST = 8
"""With fewer candidates nothing can be said."""

MOST = 1000
"""Of more candidates the newest tell it: the time grows with the square of their number."""

Floats = NDArray[np.float64]


def importance_of(judged: Sequence[Judged]) -> Importance | None:
    """How noise, time and size follow each choice; None where there are too few candidates."""
    made = [one for one in judged if not one.failed and not one.measured][-MOST:]
    if len(made) < FEWEST:
        return None
    genes = _standard(_ranks(np.array([one.genes for one in made], np.float64)))
    figures = np.array([(one.noise, one.latency_ms, one.bytes) for one in made], np.float64)
    found = _weights(genes, _standard(_ranks(figures)))
    noise, latency, size = (tuple(map(float, column.round(4))) for column in found.T)
    return Importance(len(made), noise, latency, size)


def _weights(genes: Floats, figures: Floats) -> Floats:
    """Ridge regression, (choices, figures); by the smaller of the two systems of equations."""
    count, choices = genes.shape
    if choices <= count:
        square = genes.T @ genes + RIDGE * count * np.eye(choices)
        found: Floats = np.linalg.solve(square, genes.T @ figures)
        return found
    square = genes @ genes.T + RIDGE * count * np.eye(count)
    dual: Floats = genes.T @ np.linalg.solve(square, figures)
    return dual


def _ranks(columns: Floats) -> Floats:
    """The rank of each entry in its column; equal ones share the mean of theirs."""
    return np.stack([_ranked(column) for column in columns.T], axis=1) if columns.shape[1] else columns


def _ranked(column: Floats) -> Floats:
    _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    last = np.cumsum(counts).astype(np.float64)
    ranks: Floats = (last - (counts - 1) / 2)[place]
    return ranks


def _standard(columns: Floats) -> Floats:
    """Columns with mean 0 and mean square 1; those that hold one value are 0."""
    centred = columns - columns.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    found: Floats = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
    return found


class Weighing(InFront):
    """Tells, after candidates that are judged, how much the choices matter by now.

    Args:
        token: Hears of it, and of all else.
        known: What earlier calls have judged.
    """

    def __init__(self, token: Token, known: Sequence[Judged]) -> None:
        super().__init__(token)
        self._judged = list(known)
        self._next = 0
        self._weigh()

    def report(self, event: Event) -> None:
        """Passes it on; after a candidate perhaps with what it adds to what is known."""
        super().report(event)
        if isinstance(event, Judged):
            self._judged.append(event)
            self._weigh()

    def _weigh(self) -> None:
        """After every one at first, then after every tenth part more: what is known changes ever less."""
        count = len(self._judged)
        found = importance_of(self._judged) if count >= self._next else None
        if found is not None:
            self._next = count + max(count // 10, 1)
            self._token.report(found)
