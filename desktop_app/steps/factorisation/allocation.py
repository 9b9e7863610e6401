"""Which candidate every layer takes, all layers at once: the least error that a budget of operations allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

UNITS = 20_000
"""Steps in which the budget is counted."""


@dataclass(frozen=True)
class Option:
    """What a layer may become: the operations that it then takes, and what that does to the model's outputs."""

    macs: int
    harm: float


class Allocation:
    """The multiple-choice knapsack over all layers, for every budget at once (dynamic programming).

    Errors of layers are taken to add up at the output, as those of small independent noises do. Operations are rounded
    up to whole units, so a budget is never exceeded.

    Args:
        options: For every layer what it may become.
        most: The largest budget that will be asked for.
    """

    def __init__(self, options: Sequence[Sequence[Option]], most: int) -> None:
        self._options = options
        self._unit = max(most / UNITS, 1.0)
        self._chosen: list[np.ndarray] = []
        least = np.zeros(UNITS + 1)
        for layer in options:
            table = np.full((len(layer), UNITS + 1), np.inf)
            for row, option in zip(table, layer, strict=True):
                units = self._units(option)
                if units <= UNITS:
                    row[units:] = least[: UNITS + 1 - units] + option.harm
            self._chosen.append(table.argmin(axis=0))
            least = table.min(axis=0)
        self.harms = least

    def cheapest(self) -> list[int]:
        """For every layer the option that takes fewest operations."""
        return [min(range(len(layer)), key=lambda index: layer[index].macs) for layer in self._options]

    def within(self, budget: int) -> list[int]:
        """For every layer the option of least total harm within a budget; the cheapest ones where none fits."""
        for units in (ceil(budget / self._unit), int(budget / self._unit)):
            if units >= 0 and np.isfinite(self.harms[min(units, UNITS)]):
                chosen = self._at(min(units, UNITS))
                if sum(layer[index].macs for layer, index in zip(self._options, chosen, strict=True)) <= budget:
                    return chosen
        return self.cheapest()

    def below(self, harm: float) -> list[int]:
        """For every layer the option of fewest operations whose total harm is at most so much; else the best ones."""
        fit = np.flatnonzero(self.harms <= harm)
        return self._at(int(fit[0])) if fit.size else self._at(UNITS)

    def _at(self, units: int) -> list[int]:
        chosen = []
        for layer, table in zip(reversed(self._options), reversed(self._chosen), strict=True):
            index = int(table[units])
            chosen.append(index)
            units -= self._units(layer[index])
        return chosen[::-1]

    def _units(self, option: Option) -> int:
        return ceil(option.macs / self._unit)
