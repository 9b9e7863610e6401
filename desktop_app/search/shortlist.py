"""Which candidates are carried out whole: those that are the best once their drafts were timed.

Predicted times are off by some percent, and all candidates were drawn to lie near the same limit by them. Carrying one
out takes minutes, timing its draft a second; a draft has the operators and sizes of what it becomes.
"""

from collections.abc import Callable, Sequence
from statistics import median
from time import monotonic

from msgspec.structs import replace

from desktop_app.bench.turns import take_turns
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.search.judging import Judge

REALISED = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
"""Shares that candidates may really save of what they are predicted to save."""

OF_EACH, MOST = 2, 12
"""Candidates that are timed: the best for each of these shares; and how many at most, the likeliest shares first."""

SECONDS = 0.6
"""For each model, in turns."""

MAKING = 60.0
"""Seconds after which no further draft is made: of large models each takes long."""

Order = Callable[[Judged], tuple[float, float]]


def shortlist(judged: Sequence[Judged], order: Order) -> list[Judged]:
    """The candidates that come first, whatever share of the predicted savings is real."""
    chosen = dict[int, Judged]()
    for share in sorted(REALISED, key=lambda one: abs(one - 1.0)):
        ranked = sorted(judged, key=lambda one: order(_saving(one, share)))
        chosen |= {one.number: one for one in ranked[:OF_EACH]}
    return list(chosen.values())[:MOST]


def timed(judge: Judge, judged: Sequence[Judged], token: Token) -> dict[int, float]:
    """Candidate's number to the milliseconds that its draft takes over those predicted; without what cannot be made.

    The judge's correction becomes the middle one.

    Raises:
        Cancelled: when the token says so.
    """
    models, began = dict[int, tuple[Judged, Model]](), monotonic()
    for one in judged:
        if models and monotonic() - began > MAKING:
            break
        if not any(one.genes):  # the model as it is
            continue
        try:
            models[one.number] = one, judge.make(one.genes, token)
        except StudioError:
            continue
    threads, seconds = judge.profile.threads, SECONDS * (len(models) + 1)
    drafts = [model for _, model in models.values()]
    try:
        whole, *taken = take_turns([judge.model, *drafts], threads=threads, seconds=seconds, token=token)
    except StudioError:  # no inputs can be made up
        return {}
    off = {
        number: judge.profile.total_ms * milliseconds / whole / max(judge.latency_of(one.genes), 1e-9)
        for (number, (one, _)), milliseconds in zip(models.items(), taken, strict=True)
    }
    usual = median(off.values()) if off else 1.0
    judge.correction *= usual
    return {number: one / usual for number, one in off.items()}


def _saving(judged: Judged, share: float) -> Judged:
    """A candidate as if it saved only that share of the time that it was predicted to save."""
    left = max(1.0 - share * (1.0 - 1.0 / max(judged.speedup, 1e-9)), 1e-3)
    return replace(judged, speedup=1.0 / left, latency_ms=judged.latency_ms * judged.speedup * left)
