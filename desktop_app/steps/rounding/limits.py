"""Constraints on integers that are chosen one input after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np


class Limits(Protocol):
    """Says between what an integer may lie, given those that are chosen."""

    def at(self, columns: np.ndarray, integers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest integer of one input of every group.

        Args:
            columns: (groups,), which input of each group is chosen now.
            integers: (groups, outputs, K), those chosen so far; 0 where none is chosen yet.

        Returns:
            Two arrays that broadcast against (groups, outputs).
        """


@dataclass(frozen=True)
class PairLimit:
    """Of two neighbours (2i, 2i + 1) in a given order of K, those of one sign never sum above `bound` in magnitude.

    Attributes:
        order: (K,), the inputs in the order in which they are neighbours.
        bound: At least the greatest magnitude of one integer.
    """

    order: np.ndarray
    bound: int

    def at(self, columns: np.ndarray, integers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the neighbour leaves, see `Limits`."""
        partner = self._partners[columns]
        beside = np.where(partner[:, None] < 0, 0.0, column(integers, np.maximum(partner, 0)))
        return -self.bound - np.minimum(beside, 0.0), self.bound - np.maximum(beside, 0.0)

    @cached_property
    def _partners(self) -> np.ndarray:
        """The neighbour of each input; -1 for the last of an odd number."""
        count = len(self.order)
        place = np.arange(count) ^ 1
        partners = np.full(count, -1)
        partners[self.order] = np.where(place < count, self.order[np.minimum(place, count - 1)], -1)
        return partners


@dataclass(frozen=True)
class Pinned:
    """Some integers are what they must be, as those of pruned weights.

    Attributes:
        mask: (groups, outputs, K), which.
        integers: Broadcasts against it, what they are.
    """

    mask: np.ndarray
    integers: np.ndarray

    def at(self, columns: np.ndarray, integers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The pinned integer alone, or anything, see `Limits`."""
        mask = column(self.mask, columns)
        pinned = column(np.broadcast_to(self.integers, self.mask.shape), columns)
        return np.where(mask, pinned, -np.inf), np.where(mask, pinned, np.inf)


def clipped(
    wanted: np.ndarray, low: float, high: float, limits: Sequence[Limits], columns: np.ndarray, integers: np.ndarray
) -> np.ndarray:
    """Integers (groups, outputs) brought into [low, high] and into every limit."""
    within: np.ndarray = np.clip(wanted, low, high)
    for limit in limits:
        within = np.clip(within, *limit.at(columns, integers))
    return within


def column(array: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """One column of each group's matrix: (groups, outputs) of (groups, outputs, K)."""
    taken: np.ndarray = array[np.arange(len(columns)), :, columns]
    return taken


def set_column(array: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
    """Writes what `column` reads."""
    array[np.arange(len(columns)), :, columns] = values
