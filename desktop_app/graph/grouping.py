"""From joined labels to channel groups: units that occur on exactly the same axes, equally often, are one group."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from desktop_app.graph.labels import Axes, Resolved

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
"""Constants of the generator splitmix64 (Steele, Lea and Flood, 2014)."""


class Units(NamedTuple):
    """Where every label belongs.

    Attributes:
        group: For every label its group, or -1.
        position: For every label its channel within the group.
        channels: For every group its number of channels.
        reasons: For every group the smallest pin of its channels, see `Resolved.pinned`.
    """

    group: np.ndarray
    position: np.ndarray
    channels: tuple[int, ...]
    reasons: tuple[int, ...]

    def owners(self, axes: Mapping[str, np.ndarray | None]) -> list[tuple[str, ...]]:
        """For every group the names of the axes on which it lies, in their order."""
        found: list[list[str]] = [[] for _ in self.channels]
        arrays = {name: labels for name, labels in axes.items() if labels is not None}
        if arrays:
            places = np.repeat(np.arange(len(arrays)), [labels.size for labels in arrays.values()])
            groups = self.group[np.concatenate([*arrays.values()])]
            names, lying = [*arrays], groups >= 0
            for pair in np.unique(places[lying] * len(found) + groups[lying]).tolist():
                found[pair % len(found)].append(names[pair // len(found)])
        return [tuple(names) for names in found]


def group_units(resolved: Resolved, values: Iterable[Axes], produced: Sequence[np.ndarray]) -> Units:
    """Groups the units that lie on a produced axis; groups and channels stand in the order of those axes."""
    roots = resolved.roots
    signatures = _signatures(resolved, values)
    order = roots[np.concatenate(produced)] if produced else np.empty(0, dtype=np.int64)
    _, first = np.unique(order, return_index=True)
    units = order[np.sort(first)]
    _, first, inverse = np.unique(signatures[units], return_index=True, return_inverse=True)
    ranks = np.argsort(np.argsort(first))
    groups = ranks[inverse]
    channels = np.bincount(groups, minlength=first.size)
    by_group = np.argsort(groups, kind="stable")
    positions = np.empty(units.size, dtype=np.int64)
    positions[by_group] = np.arange(units.size) - np.repeat(np.cumsum(channels) - channels, channels)
    group_of_root = np.full(roots.size, -1)
    position_of_root = np.zeros(roots.size, dtype=np.int64)
    group_of_root[units], position_of_root[units] = groups, positions
    reasons = np.full(first.size, len(resolved.reasons))
    np.minimum.at(reasons, groups, resolved.pinned[units])
    return Units(group_of_root[roots], position_of_root[roots], tuple(channels.tolist()), tuple(reasons.tolist()))


def _signatures(resolved: Resolved, values: Iterable[Axes]) -> np.ndarray:
    """For every label a hash of the axes on which its unit lies, how often, and whether it may be cut.

    Axes that share one array of labels count once: they are one for every unit.
    """
    size = resolved.roots.size
    arrays = [*{id(labels): labels for axes in values for labels in axes if labels is not None}.values()]
    signatures = np.zeros(size, dtype=np.uint64)
    if not arrays:
        return signatures
    places = np.repeat(np.arange(len(arrays)), [labels.size for labels in arrays])
    pairs, counts = np.unique(places * size + resolved.roots[np.concatenate(arrays)], return_counts=True)
    np.add.at(signatures, pairs % size, _hashed(pairs // size * 2**20 + counts))
    signatures += np.where(resolved.pinned < len(resolved.reasons), np.uint64(1), np.uint64(0))
    return signatures


def _hashed(numbers: np.ndarray) -> np.ndarray:
    """Well mixed 64 bits for every number, whose sums tell multisets apart."""
    mixed = numbers.astype(np.uint64) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[1]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[2]
    return mixed ^ (mixed >> np.uint64(31))
