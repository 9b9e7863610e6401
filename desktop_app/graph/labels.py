"""Labels: names for the positions of tensor axes, joined until equal labels must be cut together."""

from typing import NamedTuple

import numpy as np

Axes = tuple[np.ndarray | None, ...]
"""For every axis of a tensor the labels of its positions, or None for an axis that stays as it is."""


class Resolved(NamedTuple):
    """The outcome of all joins.

    Attributes:
        roots: For every label the smallest label it was joined with.
        pinned: For every label the position of its reason in `reasons`, or `len(reasons)` where it is free.
        reasons: Why labels are pinned, in the order in which the reasons were found.
    """

    roots: np.ndarray
    pinned: np.ndarray
    reasons: tuple[str, ...]


class Labels:
    """A union-find over integers that takes whole arrays and does its work once, at the end."""

    def __init__(self) -> None:
        self._count = 0
        self._joins: list[tuple[np.ndarray, np.ndarray]] = []
        self._pins: list[tuple[np.ndarray, str]] = []

    def fresh(self, size: int) -> np.ndarray:
        """New labels, each of its own."""
        self._count += size
        return np.arange(self._count - size, self._count)

    def join(self, left: np.ndarray, right: np.ndarray) -> None:
        """Makes labels at equal positions the same; the arrays have one shape."""
        if left is not right:
            self._joins.append((left.reshape(-1), right.reshape(-1)))

    def pin(self, labels: np.ndarray, reason: str) -> None:
        """Forbids to cut these labels and whatever they are joined with."""
        self._pins.append((labels, reason))

    def resolve(self) -> Resolved:
        """Carries out all joins and pins."""
        roots = self._roots()
        reasons = tuple(reason for _, reason in self._pins)
        pinned = np.full(self._count, len(reasons))
        if self._pins:
            labels = np.concatenate([labels for labels, _ in self._pins])
            order = np.repeat(np.arange(len(reasons)), [labels.size for labels, _ in self._pins])
            np.minimum.at(pinned, roots[labels], order)
        return Resolved(roots, pinned[roots], reasons)

    def _roots(self) -> np.ndarray:
        """Connected components: every root hooks to the smallest root next to it, until no two differ."""
        parents = np.arange(self._count)
        if not self._joins:
            return parents
        left = np.concatenate([pair[0] for pair in self._joins])
        right = np.concatenate([pair[1] for pair in self._joins])
        while True:
            left, right = parents[left], parents[right]
            apart = left != right
            if not apart.any():
                return parents
            left, right = left[apart], right[apart]
            np.minimum.at(parents, np.maximum(left, right), np.minimum(left, right))
            parents = _flattened(parents)


def _flattened(parents: np.ndarray) -> np.ndarray:
    """Lets every label point at its root directly."""
    while True:
        grandparents = parents[parents]
        if np.array_equal(grandparents, parents):
            return parents
        parents = grandparents
