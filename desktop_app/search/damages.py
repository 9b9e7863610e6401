"""What every value of every choice costs the outputs, and what it saves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desktop_app.search.layer_costs import Floats, Genes, LayerCosts, changed

LEAST_NOISE, LEAST_SAVED = 1e-9, 1e-12
"""Of any change, to divide by."""


@dataclass(frozen=True)
class Damages:
    """The two sides of every choice.

    Attributes:
        noise: For each choice (values,): power of the noise at the outputs over theirs; 0 where the layers stay.
        costs: Of the layers.
    """

    noise: tuple[Floats, ...]
    costs: LayerCosts

    @property
    def none(self) -> Genes:
        """The model as it is."""
        return (0,) * len(self.noise)


class Steps:
    """A candidate that is changed one value at a time, with what each value costs as the others are."""

    def __init__(self, damages: Damages, genes: Genes) -> None:
        self._damages, self.genes = damages, genes
        self._costs = [damages.costs.at(place, genes) for place in range(len(genes))]

    def best_at(self, place: int, prices: Floats) -> int:
        """The value of one choice with the least noise plus price; prices (3,) are of one of each cost."""
        return int(np.argmin(self._damages.noise[place] + prices @ self._costs[place]))

    def cheapest(self, weights: Floats, useless: Sequence[tuple[int, int]] = ()) -> tuple[int, int] | None:
        """The change that adds least noise for what it saves, weighed (3,); None where none saves anything."""
        best, least = None, np.inf
        for place, (now, costs) in enumerate(zip(self.genes, self._costs, strict=True)):
            noise, saved = self._damages.noise[place], weights @ (costs[:, now, None] - costs)
            price = np.maximum(noise - noise[now], LEAST_NOISE) / np.maximum(saved, LEAST_SAVED)
            for gene in np.argsort(price):
                if saved[gene] <= LEAST_SAVED or price[gene] >= least:
                    continue
                if (place, int(gene)) not in useless:
                    best, least = (place, int(gene)), float(price[gene])
                    break
        return best

    def take(self, place: int, gene: int) -> None:
        """Makes a change; what others save of the same layers changes with it."""
        self.genes = changed(self.genes, place, gene)
        for other in self._damages.costs.neighbours[place]:
            self._costs[other] = self._damages.costs.at(other, self.genes)
