"""What layers cost by the values of the choices that reach them, each asked for once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Genes = tuple[int, ...]


@dataclass(frozen=True)
class LayerCosts:
    """Milliseconds, bytes and multiply-accumulates of layers, in this order.

    What a value saves depends on what other choices leave of the same layer: an 8 bit layer of few channels is no
    faster for a lower rank. So costs are told by candidate; but a layer costs the same in all candidates that agree
    in the choices that reach it.

    Attributes:
        sizes: How many values each choice has.
        ask: Gives the costs (3, layers) of all layers of a candidate.
        reached: For each choice, which layers it reaches.
    """

    sizes: tuple[int, ...]
    ask: Callable[[Genes], Floats]
    reached: tuple[tuple[int, ...], ...]
    _known: dict[tuple[int, ...], Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, sizes: tuple[int, ...], ask: Callable[[Genes], Floats]) -> "LayerCosts":
        """Each choice reaches the layers that any of its values changes alone."""
        none = (0,) * len(sizes)
        whole = ask(none)
        reached = (
            np.flatnonzero(np.any([(ask(changed(none, place, gene)) != whole).any(axis=0) for gene in range(size)], 0))
            for place, size in enumerate(sizes)
        )
        return cls(sizes, ask, tuple(tuple(map(int, one)) for one in reached))

    @cached_property
    def total(self) -> Floats:
        """(3,): of all layers as they are."""
        found: Floats = self.ask((0,) * len(self.sizes)).sum(axis=1)
        return found

    @cached_property
    def saved(self) -> tuple[Floats, ...]:
        """For each choice (3, values): what each value saves alone."""
        none = (0,) * len(self.sizes)
        alone = (self.at(place, none) for place in range(len(self.sizes)))
        return tuple(one[:, :1] - one for one in alone)

    @cached_property
    def neighbours(self) -> tuple[frozenset[int], ...]:
        """For each choice those that reach a layer that it reaches, itself included."""
        return tuple(
            frozenset((place, *(other for layer in layers for other in self._reaching[layer])))
            for place, layers in enumerate(self.reached)
        )

    def at(self, place: int, genes: Genes) -> Floats:
        """(3, values): what the layers that a choice reaches cost by its value, all else as in a candidate."""
        found = np.zeros((3, self.sizes[place]))
        for gene in range(self.sizes[place]):
            candidate = changed(genes, place, gene)
            found[:, gene] = sum(self._of_layers(self.reached[place], candidate), np.zeros(3))
        return found

    @cached_property
    def _reaching(self) -> dict[int, list[int]]:
        """Layer to the choices that reach it."""
        found: dict[int, list[int]] = {}
        for place, layers in enumerate(self.reached):
            for layer in layers:
                found.setdefault(layer, []).append(place)
        return found

    def _of_layers(self, layers: Sequence[int], genes: Genes) -> list[Floats]:
        keys = [(layer, *(genes[place] for place in self._reaching[layer])) for layer in layers]
        if any(key not in self._known for key in keys):
            costs = self.ask(genes)
            self._known.update({key: costs[:, key[0]].copy() for key in keys})
        return [self._known[key] for key in keys]


def changed(genes: Sequence[int], place: int, gene: int) -> Genes:
    """A candidate with another value at one place."""
    return (*genes[:place], gene, *genes[place + 1 :])
