"""What was judged tells how far off the outlook was: noises that do not add up, and files larger than predicted.

A change is tried alone, on the model as it is; together with others, refitted to what they leave, it may cost the
outputs several times as much or as little. So the noises of each choice get a factor, such that their sums come near to
what candidates had: least squares in logarithms, the factors held near one (ridge regression by Gauss-Newton). They are
drawn about what fits best, the further the less is known of them (Thompson 1933, "On the Likelihood that One Unknown
Probability Exceeds Another"): to be tried is what may be better, too.
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

BOLDNESS = 0.3
"""Share of the uncertainty of a factor by which it is drawn: of hundreds of choices all of it would be chaos."""

BOUNDS = (0.8, 1.25)
"""Of that share."""


def relearned(outlook: Outlook, judged: Sequence[Judged], lot: np.random.Generator) -> Outlook:
    """The outlook as it should have been for what was judged; the same while too little was.

    Args:
        outlook: As it was before.
        judged: What is learnt from.
        lot: Draws the factors.
    """
    made = [one for one in judged if not one.failed and any(one.genes)]
    clear = [one for one in made if one.sqnr_db >= LOUDEST_DB]
    if len(clear) < LEAST:
        return outlook
    factors = _factors(outlook.damages, clear, lot)
    noise = tuple(factor * one for factor, one in zip(factors, outlook.damages.noise, strict=True))
    limits = outlook.limits
    if limits.bytes is not None:
        larger = median(one.bytes / max(outlook.foretell(one.genes).bytes, 1) for one in made[-RECENT:])
        limits = with_fields(limits, bytes=round(limits.bytes / min(max(larger, BOUNDS[0]), BOUNDS[1])))
    return Outlook(Damages(noise, outlook.damages.costs), outlook.foretell, limits)


def _factors(damages: Damages, judged: Sequence[Judged], lot: np.random.Generator) -> Floats:
    """For each choice (choices,) what its noises are to be multiplied with."""
    alone = np.array([[noise[gene] for noise, gene in zip(damages.noise, one.genes, strict=True)] for one in judged])
    wanted = np.log([one.noise**2 for one in judged])
    logs = np.zeros(alone.shape[1])
    curvature = np.eye(len(logs))
    for _ in range(ROUNDS):
        parts = alone * np.exp(logs)
        sums = np.maximum(parts.sum(axis=1, keepdims=True), 1e-12)
        slopes = parts / sums
        curvature = slopes.T @ slopes + RIDGE * np.eye(len(logs))
        step = np.linalg.solve(curvature, slopes.T @ (wanted - np.log(sums[:, 0])) - RIDGE * logs)
        logs = np.clip(logs + np.clip(step, -LONGEST, LONGEST), -FURTHEST, FURTHEST)
    spread = np.linalg.solve(np.linalg.cholesky(curvature).T, lot.standard_normal(len(logs)))
    factors: Floats = np.exp(np.clip(logs + BOLDNESS * np.sqrt(RIDGE) * spread, -FURTHEST, FURTHEST))
    return factors
