"""A candidate brought within the limits on costs by as little as does it."""

import numpy as np

from desktop_app.search.damages import Damages, Steps
from desktop_app.search.layer_costs import Floats, changed
from desktop_app.search.strategies.base import Genes, Outlook

MOST_STEPS = 400
"""Values that are changed at most, one at a time."""


def repaired(genes: Genes, outlook: Outlook) -> Genes:
    """The candidate with values changed until it is predicted to keep the limits on costs, then back where it may.

    The next change is always the one that adds least noise for what it saves of the limits that are missed. Given back
    as it comes where the limits cannot be kept.
    """
    return relaxed(tightened(genes, outlook), outlook)


def tightened(genes: Genes, outlook: Outlook) -> Genes:
    """The candidate with stronger values, until it is enough or nothing saves any more."""
    useless = list[tuple[int, int]]()
    missed, steps = outlook.missed(genes), Steps(outlook.damages, genes)
    for _ in range(MOST_STEPS):
        if not missed:
            break
        step = steps.cheapest(_weights(missed, outlook.damages), useless)
        if step is None:
            break
        after = outlook.missed(changed(steps.genes, *step))
        if sum(after.values()) < sum(missed.values()):
            missed = after
            steps.take(*step)
            useless.clear()
        else:
            useless.append(step)
    return steps.genes


def relaxed(genes: Genes, outlook: Outlook) -> Genes:
    """The candidate with every value, the noisiest first, as gentle as the limits allow; as it is where they fail."""
    if not outlook.enough(genes):
        return genes
    noise = outlook.damages.noise
    for place in sorted(range(len(genes)), key=lambda one: -float(noise[one][genes[one]])):
        gentler = [one for one in np.argsort(noise[place]) if noise[place][one] < noise[place][genes[place]]]
        for gene in gentler:
            given_back = changed(genes, place, int(gene))
            if outlook.enough(given_back):
                genes = given_back
                break
    return genes


def _weights(missed: dict[str, float], damages: Damages) -> Floats:
    """What a millisecond, a byte and an operation are worth: the limits that are missed, in shares of all there is."""
    time = missed.get("latency_ms", 0.0) + missed.get("speedup", 0.0)
    weights: Floats = np.array([time, missed.get("bytes", 0.0), missed.get("macs", 0.0)])
    return weights / np.maximum(damages.costs.total, 1e-12)
