"""A share of the model's time, kept as measured: the cut model and the whole one are run in turns.

The sum of layers timed apart is a few per cent off, and a target is a promise: what is compared with it is the slow end
of the measured interval.
"""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from desktop_app.bench.latency import compare
from desktop_app.core.cut import Cut
from desktop_app.core.methods import PruneMethod
from desktop_app.core.progress import Progress, Token
from desktop_app.graph.cutting import cut_channels
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.allocation import allocate
from desktop_app.steps.channel_pruning.judgement import Judgement
from desktop_app.steps.channel_pruning.samples import FAILURES

ATTEMPTS, MOST_ATTEMPTS = 4, 8
"""To keep the target with a margin, and to keep it at all."""
SECONDS = 5.0
"""Of one measurement."""

MARGIN = 0.02
"""Of the time that is asked for, so much is kept in hand: another measurement of the same model differs by as much."""

Measure = Callable[[Model, Model, Token], float]
"""The whole model and the cut one to the share of the time, at worst."""


def slowest_share(whole: Model, cut: Model, token: Token) -> float:
    """Time of the cut model over that of the whole one on one thread, the slow end of the interval of 95 %."""
    speedup = compare((whole, cut), threads=1, seconds=SECONDS, token=token).rows[1].ratio
    return 1.0 / max(speedup.ci95[0], 1e-9)


def allocate_in_time(
    model: Model,
    method: PruneMethod,
    cuts: Mapping[int, Cut],
    judgements: Mapping[int, Judgement],
    token: Token,
    measure: Measure = slowest_share,
) -> tuple[dict[int, int], list[str]]:
    """Group to channels that stay, such that the model as measured takes no more than `target_latency`.

    Args:
        model: The model.
        method: With a `target_latency`.
        cuts: See `allocate`, likewise the next two.
        judgements: Of the groups.
        token: Says when to stop.
        measure: What times two models.
    """
    wanted = method.target_latency or 1.0
    asked = wanted * (1 - MARGIN)
    groups = model.channels.groups
    for attempt in range(1, MOST_ATTEMPTS + 1):
        kept, notes = allocate(model, replace(method, target_latency=asked), cuts, judgements, token)
        keep = {group: judgements[group].staying(n) for group, n in kept.items() if n < groups[group].channels}
        token.report(Progress("prune_channels", 0.0, "measuring the time of the cut model"))
        try:
            taken = measure(model, cut_channels(model, keep), token)
        except FAILURES as error:
            return kept, [*notes, f"The time of the cut model was not measured: {error}"]
        if taken <= wanted * (1 - MARGIN if attempt < ATTEMPTS else 1):
            break
        asked *= wanted * (1 - MARGIN) / taken
    outcome = "as was asked" if taken <= wanted else f"not {wanted:.0%}"
    return kept, [*notes, f"Measured, the cut model takes at most {taken:.1%} of the model's time, {outcome}."]
