"""All choices alike: what everyone would try first, and what a search has to beat."""

import numpy as np

from desktop_app.search.strategies.base import Genes, Outlook

STEPS = 100
"""Strengths that are tried."""


def all_alike(outlook: Outlook) -> Genes | None:
    """The gentlest candidate whose choices are all as strong that keeps the limits on costs.

    How strong a value is, is told by its place among the values of its choice. None where nothing limits costs, where
    the model keeps the limits as it is, and where nothing does.
    """
    if outlook.enough(outlook.damages.none):
        return None
    last = np.array([len(one) - 1 for one in outlook.damages.noise])
    candidates = (tuple(map(int, np.rint(strength * last))) for strength in np.linspace(0.0, 1.0, STEPS + 1))
    return next((genes for genes in candidates if outlook.enough(genes)), None)
