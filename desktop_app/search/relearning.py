"""What was judged tells how far off the outlook was: noises that do not add up, and files larger than predicted.

A change is tried alone, on the model as it is; together with others, refitted to what they leave, it may cost the
outputs several times as much or as little. So the noises of each choice get a factor, such that their sums come near to
what candidates had: least squares in logarithms, the factors held near one (ridge regression by Gauss-Newton).
"""

from collections.abc import Sequence
from statistics import median

import numpy as np
from msgspec.structs import replace as with_fields

from desktop_app.core.judged import Judged
from desktop_app.search.damages import Damages
from desktop_app.search.layer_costs import Floats
from desktop_app.search.strategies.base import Outlook

LEAST = 8
"""Candidates that are needed to learn from."""

LOUDEST_DB = 1.0
"""Outputs with more noise than that are drowned in it: how much it is says nothing of its sources."""

RIDGE = 0.06
"""Of a factor's logarithm: one of e is as likely as sums that are off by a quarter."""

ROUNDS, LONGEST, FURTHEST = 8, 1.0, 3.0
"""Of Gauss-Newton; how far a logarithm goes in one of them, and in all."""

RECENT = 20
"""Candidates that tell how much larger files are than predicted: the last ones are the nearest to the limits."""

BOUNDS = (0.8, 1.25)
"""Of that share."""


def relearned(outlook: Outlook, judged: Sequence[Judged]) -> Outlook:
    """The outlook as it should have been for what was judged; the same while too little was."""
    made = [one for one in judged if not one.failed and any(one.genes)]
    clear = [one for one in made if one.sqnr_db >= LOUDEST_DB]
    if len(clear) < LEAST:
        return outlook
    noise = tuple(
        factor * one for factor, one in zip(_factors(outlook.damages, clear), outlook.damages.noise, strict=True)
    )
    limits = outlook.limits
    if limits.bytes is not None:
        larger = median(one.bytes / max(outlook.foretell(one.genes).bytes, 1) for one in made[-RECENT:])
        limits = with_fields(limits, bytes=round(limits.bytes / min(max(larger, BOUNDS[0]), BOUNDS[1])))
    return Outlook(Damages(noise, outlook.damages.costs), outlook.foretell, limits)


def _factors(damages: Damages, judged: Sequence[Judged]) -> Floats:
    """For each choice (choices,) what its noises are to be multiplied with."""
    alone = np.array([[noise[gene] for noise, gene in zip(damages.noise, one.genes, strict=True)] for one in judged])
    wanted = np.log([one.noise**2 for one in judged])
    logs = np.zeros(alone.shape[1])
    for _ in range(ROUNDS):
        parts = alone * np.exp(logs)
        sums = np.maximum(parts.sum(axis=1, keepdims=True), 1e-12)
        slopes = parts / sums
        left = slopes.T @ (wanted - np.log(sums[:, 0])) - RIDGE * logs
        step = np.linalg.solve(slopes.T @ slopes + RIDGE * np.eye(len(logs)), left)
        logs = np.clip(logs + np.clip(step, -LONGEST, LONGEST), -FURTHEST, FURTHEST)
    factors: Floats = np.exp(logs)
    return factors
