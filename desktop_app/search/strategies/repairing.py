"""A candidate brought within the limits on costs by as little as does it."""

import numpy as np

from desktop_app.search.damages import Damages, Floats
from desktop_app.search.strategies.base import Genes, Outlook

MOST_STEPS = 400
"""Values that are changed at most, one at a time."""

LEAST_NOISE = 1e-9
"""Of any change, to divide by."""


def repaired(genes: Genes, outlook: Outlook) -> Genes:
    """The candidate with values changed until it is predicted to keep the limits on costs, then back where it may.

    The next change is always the one that adds least noise for what it saves of the limits that are missed. Given back
    as it comes where the limits cannot be kept.
    """
    return relaxed(tightened(genes, outlook), outlook)


def tightened(genes: Genes, outlook: Outlook) -> Genes:
    """The candidate with stronger values, until it is enough or nothing saves any more."""
    useless = set[tuple[int, int]]()
    missed = outlook.missed(genes)
    for _ in range(MOST_STEPS):
        if not missed:
            return genes
        step = _cheapest(genes, outlook.damages, _weights(missed, outlook.damages), useless)
        if step is None:
            return genes
        changed = _with(genes, *step)
        after = outlook.missed(changed)
        if sum(after.values()) < sum(missed.values()):
            genes, missed = changed, after
            useless.clear()
        else:
            useless.add(step)
    return genes


def relaxed(genes: Genes, outlook: Outlook) -> Genes:
    """The candidate with every value, the noisiest first, as gentle as the limits allow; as it is where they fail."""
    if not outlook.enough(genes):
        return genes
    noise = outlook.damages.noise
    for place in sorted(range(len(genes)), key=lambda one: -float(noise[one][genes[one]])):
        gentler = [one for one in np.argsort(noise[place]) if noise[place][one] < noise[place][genes[place]]]
        for gene in gentler:
            changed = _with(genes, place, int(gene))
            if outlook.enough(changed):
                genes = changed
                break
    return genes


def _weights(missed: dict[str, float], damages: Damages) -> tuple[float, float]:
    """What a millisecond and a byte are worth: the limits that are missed, in shares of all that can be saved."""
    time = sum(by for name, by in missed.items() if name != "bytes")
    return time / (_all(damages.milliseconds) or 1.0), missed.get("bytes", 0.0) / (_all(damages.bytes) or 1.0)


def _all(table: tuple[Floats, ...]) -> float:
    return sum(float(one.max(initial=0.0)) for one in table)


def _cheapest(
    genes: Genes, damages: Damages, weights: tuple[float, float], useless: set[tuple[int, int]]
) -> tuple[int, int] | None:
    """The change of one value that adds least noise for what it saves; None where none saves anything."""
    best, least = None, np.inf
    for place, now in enumerate(genes):
        noise, time, size = damages.noise[place], damages.milliseconds[place], damages.bytes[place]
        saved = weights[0] * (time - time[now]) + weights[1] * (size - size[now])
        price = np.maximum(noise - noise[now], LEAST_NOISE) / np.maximum(saved, 1e-12)
        for gene in np.argsort(price):
            if saved[gene] <= 1e-12 or price[gene] >= least:
                continue
            if (place, int(gene)) not in useless:
                best, least = (place, int(gene)), float(price[gene])
                break
    return best


def _with(genes: Genes, place: int, gene: int) -> Genes:
    return (*genes[:place], gene, *genes[place + 1 :])
