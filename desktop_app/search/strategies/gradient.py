"""By gradients: what a value costs alone against what it saves, at one price for all layers.

For a price of each cost, every choice takes the value with the least noise plus price (the Lagrangian of minimal
noise under a limit; Everett 1963, "Generalized Lagrange Multiplier Method"). What a value saves depends on what others
leave of the same layers, so choices are taken in turns until none changes (coordinate descent). Prices from low to
high, each going out from what the one before came to, give candidates from gentle to strong, without judging any.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations, islice, zip_longest

import numpy as np
from optuna.samplers import BaseSampler

from desktop_app.core.judged import Judged
from desktop_app.search.damages import Damages, Steps
from desktop_app.search.layer_costs import Floats
from desktop_app.search.strategies.alike import all_alike
from desktop_app.search.strategies.base import Genes, Outlook, Strategy
from desktop_app.search.strategies.evolution import POPULATION, Evolution
from desktop_app.search.strategies.nearby import nearby, one_of_the_best
from desktop_app.search.strategies.relearning import relearned
from desktop_app.search.strategies.repairing import repaired

MIXES = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (1.0, 0.3), (0.3, 1.0))
"""Prices of all of one cost and of all of another, relative to each other."""

PRICES = np.logspace(-5, 1, 49)
"""In noise power for saving everything."""

TURNS = 8
"""Of all choices at one price, at most."""

REPAIRED = 4
"""Candidates of each sweep that are brought within the limits."""


BRED, NEARBY = 0.4, 0.5
"""Share of the candidates after the starts that evolution draws, and of the others those near to the best so far."""

AT_LIMITS = 0.7
"""Share of what is left that are about the limits; the others are from anywhere, for a front and not for a point."""


class Gradient(Strategy):
    """The candidates of a sweep over prices, and no more."""

    name = "gradient"
    weighs = True
    draws = False

    def starts(self, outlook: Outlook, count: int) -> Sequence[Genes]:
        """`count` candidates: of each sweep the gentlest that is enough, repaired, then those about it and far off.

        The second is that whose choices are all alike: where noises tell little, as of what is pruned by half without
        training, it may be the better one to go on from.
        """
        mixes = _mixes(outlook)
        sweeps = [_about(list(dict.fromkeys(_sweep(outlook.damages, mix))), outlook) for mix in mixes]
        if outlook.limited:
            sweeps = [_with_repaired(sweep, outlook) for sweep in sweeps]
        in_turns = (one for rank in zip_longest(*sweeps) for one in rank if one is not None and any(one))
        first, alike = list(islice(in_turns, 1)), all_alike(outlook)
        second = [] if alike is None else [alike]
        return list(islice(dict.fromkeys(chain(first, second, in_turns)), count))

    def sampler(self, seed: int) -> BaseSampler | None:
        """None: nothing is drawn."""
        return None


class Evolved(Gradient):
    """Begins with the gradient's candidates, evolves them, tries what is near to the best, and begins anew by turns."""

    name = "auto"
    draws = True

    def starts(self, outlook: Outlook, count: int) -> Sequence[Genes]:
        """A quarter of the candidates, or a whole first generation: children of random ones are lost on few."""
        return super().starts(outlook, max(count // 4, POPULATION))

    def draw(self, outlook: Outlook, judged: Sequence[Judged], seed: int) -> Genes | None:
        """By gradients from what was judged so far, or None: it is by lot whether evolution has its turn."""
        lot = np.random.default_rng(seed)
        if lot.random() < BRED:
            return None
        good = one_of_the_best(outlook, judged, lot) if outlook.limited and lot.random() < NEARBY else None
        outlook, mixes, known = relearned(outlook, judged, lot), _mixes(outlook), {one.genes for one in judged}
        near = None if good is None else nearby(good, outlook, lot)
        if near is not None and near not in known:
            return near
        sweep = list(dict.fromkeys(_sweep(outlook.damages, mixes[int(lot.integers(len(mixes)))])))
        candidates: Iterable[Genes] = [sweep[place] for place in lot.permutation(len(sweep))]
        if outlook.limited and lot.random() < AT_LIMITS:
            about = _about(sweep, outlook)
            candidates = chain(_tried(about[:REPAIRED], outlook), about)
        return next((genes for genes in candidates if genes not in known), None)

    def sampler(self, seed: int) -> BaseSampler:
        """As evolution."""
        return Evolution().sampler(seed)


def _mixes(outlook: Outlook) -> Sequence[Floats]:
    """Prices (3,) of time, bytes and multiply-accumulates: of what is limited; of time and bytes where nothing is."""
    limits = outlook.limits
    asked = (limits.timed, limits.bytes is not None, limits.macs is not None)
    limited = [axis for axis, one in zip(np.eye(3), asked, strict=True) if one] or list(np.eye(3)[:2])
    if len(limited) == 1:
        return limited
    return [first * one + second * other for one, other in combinations(limited, 2) for first, second in MIXES]


def _sweep(damages: Damages, mix: Floats) -> Iterator[Genes]:
    """The cheapest candidate at each price, from low to high, each found from the one before."""
    steps = Steps(damages, damages.none)
    for price in PRICES:
        prices = price * mix / np.maximum(damages.costs.total, 1e-12)
        for _ in range(TURNS):
            before = steps.genes
            for place, now in enumerate(before):
                gene = steps.best_at(place, prices)
                if gene != now:
                    steps.take(place, gene)
            if steps.genes == before:
                break
        yield steps.genes


def _with_repaired(sweep: Sequence[Genes], outlook: Outlook) -> Sequence[Genes]:
    """The candidates about the limit, each before itself within the limits, in turns with some from all over the sweep.

    Rounding to whole values, and values that together save less than alone, leave candidates beside the limits: as few
    changes as do it bring them back.
    """
    near = [*_tried(sweep[:REPAIRED], outlook)]
    far = [sweep[place] for place in _spread(len(sweep))]
    both = (one for pair in zip_longest(near, far) for one in pair if one is not None)
    return list(dict.fromkeys([*both, *sweep]))


def _tried(sweep: Sequence[Genes], outlook: Outlook) -> Iterator[Genes]:
    """Each candidate within the limits, then itself."""
    return (one for genes in sweep for one in (repaired(genes, outlook), genes))


def _about(sweep: Sequence[Genes], outlook: Outlook) -> Sequence[Genes]:
    """The candidates of a sweep by how near they are to the first that is enough, that one first.

    Where no limit is on costs, they are spread over the sweep: first the ends, then the middles between.
    """
    if not outlook.limited:
        return [sweep[place] for place in _spread(len(sweep))]
    place = next((place for place, genes in enumerate(sweep) if outlook.enough(genes)), len(sweep) - 1)
    return [sweep[one] for one in sorted(range(len(sweep)), key=lambda one: abs(one - place))]


def _spread(count: int) -> Sequence[int]:
    places = dict.fromkeys(
        round(step * (count - 1) / parts) for parts in (1, 2, 4, 8, 16, 32, 64) for step in range(parts + 1)
    )
    return list(places)
