"""Evolution with a limit: children of good nets, brought close to the limit of time; the oldest die.

Real et al. 2019, "Regularized evolution for image classifier architecture search" (arXiv:1802.01548).
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from desktop_app.zoo.supernet.space import Genes, Space

POPULATION, TOURNAMENT = 20, 5
"""Nets that may have children, and how many of them compete for the right."""

CHANGED = 2.0
"""Genes of a child that are drawn anew, about."""

MIXED = 0.3
"""Share of the children that have two parents."""

ATTEMPTS = 50
"""Children in a row that were judged before: then the space is used up."""

FILLS = 30
"""Values that are raised at random to bring a net close to the limit."""


@dataclass(frozen=True)
class Evolution:
    """Draws nets that keep a limit.

    Attributes:
        space: The nets.
        latency: What a net takes.
        limit: What it may take, in the same unit.
        rng: Decides, beside what is told of the worth of nets.
    """

    space: Space
    latency: Callable[[Genes], float]
    limit: float
    rng: np.random.Generator

    def run(self, worth: Callable[[Genes], tuple[float, ...]], count: int) -> Iterator[tuple[Genes, tuple[float, ...]]]:
        """Each net that was judged, with its worth, once; `count` of them at most.

        Args:
            worth: Judges a net; the larger the better.
            count: How many to judge.
        """
        alive = deque[tuple[tuple[float, ...], Genes]](maxlen=POPULATION)
        seen: set[Genes] = set()
        repeats = 0
        while len(seen) < count and repeats < ATTEMPTS:
            genes = self.fitted(self._child(alive) if len(alive) == POPULATION else self.space.drawn(self.rng))
            repeats = repeats + 1 if genes in seen else 0
            if genes in seen:
                continue
            seen.add(genes)
            found = worth(genes)
            alive.append((found, genes))
            yield genes, found

    def fitted(self, genes: Genes) -> Genes:
        """A net near to this one that keeps the limit, and would not by much more: the smallest where none does."""
        within = list(self.within(genes))
        for index in self.rng.integers(len(within), size=FILLS):
            if within[index] < len(self.space.choices[index]) - 1:
                within[index] += 1
                if self.latency(tuple(within)) > self.limit:
                    within[index] -= 1
        return tuple(within)

    def within(self, genes: Genes) -> Genes:
        """A net near to this one that keeps the limit; the smallest where none does."""
        within = list(genes)
        while self.latency(tuple(within)) > self.limit:
            larger = [index for index, gene in enumerate(within) if gene > 0]
            if not larger:
                break
            within[self.rng.choice(larger)] -= 1
        return tuple(within)

    def _child(self, alive: deque[tuple[tuple[float, ...], Genes]]) -> Genes:
        first = self._parent(alive)
        second = self._parent(alive) if self.rng.random() < MIXED else first
        mixed = [one if self.rng.random() < 0.5 else other for one, other in zip(first, second, strict=True)]
        for index in np.flatnonzero(self.rng.random(len(mixed)) < CHANGED / len(mixed)):
            mixed[index] = int(self.rng.integers(len(self.space.choices[index])))
        return tuple(mixed)

    def _parent(self, alive: deque[tuple[tuple[float, ...], Genes]]) -> Genes:
        """The best of some that are drawn."""
        drawn = self.rng.choice(len(alive), TOURNAMENT, replace=False)
        return max(alive[index] for index in drawn)[1]
