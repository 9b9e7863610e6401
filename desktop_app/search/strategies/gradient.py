"""By gradients: what a value costs alone against what it saves, at one price for all layers.

For a price of time and of bytes, each choice takes the value with the least noise plus price (the Lagrangian of
minimal noise under a limit; Everett 1963, "Generalized Lagrange Multiplier Method"). Prices from low to high give
candidates from gentle to strong, without judging any.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

import numpy as np
from optuna.samplers import BaseSampler

from desktop_app.search.damages import Damages, Floats
from desktop_app.search.strategies.base import Genes, Outlook, Strategy
from desktop_app.search.strategies.evolution import POPULATION, Evolution
from desktop_app.search.strategies.repairing import repaired

MIXES = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (1.0, 0.3), (0.3, 1.0))
"""Price of all milliseconds that can be saved, and of all bytes, relative to each other."""

PRICES = np.logspace(-5, 1, 61)
"""In noise power for saving all that can be saved."""

REPAIRED = 4
"""Candidates of each sweep that are brought within the limits."""


class Gradient(Strategy):
    """The candidates of a sweep over prices, and no more."""

    name = "gradient"
    weighs = True
    draws = False

    def starts(self, outlook: Outlook, count: int) -> Sequence[Genes]:
        """`count` candidates: of each sweep the gentlest that is enough, repaired, then those about it and far off."""
        sweeps = [_about(list(dict.fromkeys(_sweep(outlook.damages, mix))), outlook) for mix in MIXES]
        if outlook.limited:
            sweeps = [_with_repaired(sweep, outlook) for sweep in sweeps]
        in_turns = (one for rank in zip_longest(*sweeps) for one in rank if one is not None and any(one))
        return list(islice(dict.fromkeys(in_turns), count))

    def sampler(self, seed: int) -> BaseSampler | None:
        """None: nothing is drawn."""
        return None


class Evolved(Gradient):
    """Begins with the gradient's candidates and evolves them."""

    name = "auto"
    draws = True

    def starts(self, outlook: Outlook, count: int) -> Sequence[Genes]:
        """A quarter of the candidates, or a whole first generation: children of random ones are lost on few."""
        return super().starts(outlook, max(count // 4, POPULATION))

    def sampler(self, seed: int) -> BaseSampler:
        """As evolution."""
        return Evolution().sampler(seed)


def _sweep(damages: Damages, mix: tuple[float, float]) -> Iterator[Genes]:
    """The cheapest candidate at each price, from low to high."""
    milliseconds = sum(float(one.max(initial=0.0)) for one in damages.milliseconds) or 1.0
    size = sum(float(one.max(initial=0.0)) for one in damages.bytes) or 1.0
    for price in PRICES:
        yield tuple(
            int(np.argmin(_lagrangian(noise, saved / milliseconds, less / size, price * np.array(mix))))
            for noise, saved, less in zip(damages.noise, damages.milliseconds, damages.bytes, strict=True)
        )


def _with_repaired(sweep: Sequence[Genes], outlook: Outlook) -> Sequence[Genes]:
    """The candidates about the limit, each before itself within the limits, in turns with some from all over the sweep.

    Rounding to whole values, and values that together save less than alone, leave candidates beside the limits: as few
    changes as do it bring them back.
    """
    near = [one for genes in sweep[:REPAIRED] for one in (repaired(genes, outlook), genes)]
    far = [sweep[place] for place in _spread(len(sweep))]
    both = (one for pair in zip_longest(near, far) for one in pair if one is not None)
    return list(dict.fromkeys([*both, *sweep]))


def _lagrangian(noise: Floats, time: Floats, size: Floats, prices: Floats) -> Floats:
    found: Floats = noise - prices[0] * time - prices[1] * size
    return found


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
