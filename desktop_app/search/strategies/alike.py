"""All choices alike: what everyone would try first, and what a search has to beat."""

from collections.abc import Sequence

import numpy as np

from desktop_app.search.strategies.base import Genes, Outlook
from desktop_app.search.strategies.repairing import relaxed

STEPS = 100
"""Strengths that are tried."""


def all_alike(outlook: Outlook) -> Sequence[Genes]:
    """The gentlest candidate whose choices are all as strong that keeps the limits on costs, and one that ends on them.

    How strong a value is, is told by its place among the values of its choice. The second gives back what the limits
    leave, for whole steps of all choices end somewhere below them. Empty where nothing limits costs, where the model
    keeps the limits as it is, and where nothing does.
    """
    if not outlook.limited or outlook.enough(outlook.damages.none):
        return ()
    last = np.array([len(one) - 1 for one in outlook.damages.noise])
    for strength in np.linspace(0.0, 1.0, STEPS + 1):
        genes = tuple(int(gene) for gene in np.rint(strength * last))
        if outlook.enough(genes):
            return tuple(dict.fromkeys((relaxed(genes, outlook), genes)))
    return ()
