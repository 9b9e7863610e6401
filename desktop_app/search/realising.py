"""Predictions corrected by a whole model, before candidates are chosen by them.

What kernels save by themselves a whole model saves in part only: sums, conversions and changes of layout lie between
them. So the most promising start is made and timed against the original, and what it really saves, over what it was
predicted to save, holds for the predictions that follow. Starts are then found anew, for they were too gentle.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from desktop_app.bench.turns import take_turns
from desktop_app.core.errors import StudioError
from desktop_app.core.predict import predict
from desktop_app.core.progress import Token
from desktop_app.search.judging import Judge
from desktop_app.search.strategies.base import Genes, Outlook, Strategy

ROUNDS = 2
"""Starts that are timed: the second goes by what the first has told, and so is nearer to what is asked for."""

SECONDS = 1.2
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
    starts = _starts(judge, strategy, outlook, count)
    for _ in range(ROUNDS):
        if not outlook.timed or not starts:
            break
        found = realised(judge, starts[0], token)
        if found is None:
            break
        judge.profile = replace(judge.profile, realised=found)
        starts = _starts(judge, strategy, outlook, count)
    return starts


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
