"""What is near to the best candidates so far: where noises do not tell what to change, trying does."""

from collections.abc import Sequence

import numpy as np

from desktop_app.core.budget import misses
from desktop_app.core.judged import Judged
from desktop_app.search.strategies.base import Genes, Outlook
from desktop_app.search.strategies.repairing import repaired

GOOD = 5
"""So many candidates count as the best."""

BEST_OFTEN = 0.5
"""How often it is the very best; the second half as often, and so on."""

OTHERS, FAR = 1.0, 0.1
"""How many choices are changed besides one, on average, and about how far, in shares of their values."""


def one_of_the_best(outlook: Outlook, judged: Sequence[Judged], lot: np.random.Generator) -> Genes | None:
    """A candidate with little noise among those that keep the limits on costs, the least as often as all others.

    Args:
        outlook: Has the limits.
        judged: The candidates so far.
        lot: Decides which.
    """
    kept = [one for one in judged if not one.failed and any(one.genes) and not misses(outlook.limits, one)]
    best = sorted(kept, key=lambda one: -one.sqnr_db)[:GOOD]
    return best[min(int(lot.geometric(BEST_OFTEN)), len(best)) - 1].genes if best else None


def nearby(good: Genes, outlook: Outlook, lot: np.random.Generator) -> Genes:
    """A candidate with a few values moved, brought within the limits again.

    Args:
        good: The candidate that is gone out from.
        outlook: Tells what changes cost and save.
        lot: Decides what is moved, and how far.
    """
    genes = list(good)
    for place in lot.permutation(len(genes))[: 1 + lot.poisson(OTHERS)]:
        last = len(outlook.damages.noise[place]) - 1
        by = int(lot.geometric(1.0 / max(FAR * last, 1.0)))
        genes[place] = min(max(genes[place] + (by if lot.random() < 0.5 else -by), 0), last)
    return repaired(tuple(genes), outlook)
