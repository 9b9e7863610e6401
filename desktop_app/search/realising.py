"""Predictions corrected by a whole model, before candidates are chosen by them.

What kernels save by themselves a whole model saves in part only: sums, conversions and changes of layout lie between
them. So the most promising start is made and timed against the original, and what it really saves, over what it was
predicted to save, holds for the predictions that follow. Starts are then found anew, for they were too gentle.
"""

from collections.abc import Sequence
from itertools import zip_longest
from statistics import fmean

from msgspec.structs import replace

from desktop_app.bench.turns import take_turns
from desktop_app.core.errors import StudioError
from desktop_app.core.predict import predict
from desktop_app.core.progress import Token
from desktop_app.search.judging import Judge
from desktop_app.search.strategies.base import Genes, Outlook, Strategy

ROUNDS = 2
"""Starts that are timed: the second goes by what the first has told, and so is nearer to what is asked for.

It may also be another kind of model, of which less is realised. So what both tell is averaged, and what was found by
either is judged, in turns."""

SECONDS = 3.0
"""Of both models in turns."""

LEAST_SAVED = 0.1
"""Share of the time: less than that tells nothing of what is realised of it."""

BOUNDS = (0.25, 1.25)
"""What is measured beyond them is taken for a disturbance."""


def settled_starts(judge: Judge, strategy: Strategy, outlook: Outlook, count: int, token: Token) -> list[Genes]:
    """What a strategy wants judged first, by predictions that were corrected; the judge predicts so from then on.

    Raises:
        Cancelled: when the token says so.
    """
    rounds, found = [_starts(judge, strategy, outlook, count)], list[float]()
    while outlook.limits.timed and rounds[-1] and len(found) < ROUNDS:
        share = realised(judge, rounds[-1][0], token)
        if share is None:
            break
        found.append(share)
        judge.profile = replace(judge.profile, realised=share)
        rounds.append(_starts(judge, strategy, outlook, count))
    if not found:
        return rounds[0]
    judge.profile = replace(judge.profile, realised=fmean(found))
    in_turns = (one for turn in zip_longest(*reversed(rounds[1:])) for one in turn if one is not None)
    return list(dict.fromkeys(in_turns))


def realised(judge: Judge, genes: Sequence[int], token: Token) -> float | None:
    """What a candidate saves of the time over what is predicted; None where it cannot be told."""
    plain = replace(judge.profile, realised=1.0)
    predicted = predict(judge.summary, judge.space.recipe(genes, judge.base), plain).latency_ms
    saved = 1.0 - (predicted or plain.total_ms) / plain.total_ms
    if saved < LEAST_SAVED:
        return None
    try:
        models = [judge.model, judge.make(genes, token)]
        whole, time = take_turns(models, threads=plain.threads, seconds=SECONDS, token=token)
    except StudioError:  # it cannot be made, or no inputs can be made up
        return None
    return min(max((1.0 - time / whole) / saved, BOUNDS[0]), BOUNDS[1])


def _starts(judge: Judge, strategy: Strategy, outlook: Outlook, count: int) -> list[Genes]:
    return list(dict.fromkeys(map(judge.effective, strategy.starts(outlook, count))))
