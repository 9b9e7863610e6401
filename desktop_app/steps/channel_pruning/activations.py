"""How much of what the readers of a group read comes from each of its channels."""

from collections.abc import Iterator, Sequence

import numpy as np

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.channel_pruning.samples import run_for


def energies(
    model: Model, groups: Sequence[ChannelGroup], batches: Sequence[Batch], token: Token
) -> dict[int, np.ndarray]:
    """Sum of squares of every channel over what its readers read, each reader's as shares of its mean.

    Groups that no reader's input shows are absent.
    """
    places = {group.id: [*_places(model, group)] for group in groups if batches}
    names = [*dict.fromkeys(name for found in places.values() for name, _, _ in found)]
    axes = {(name, axis) for found in places.values() for name, axis, _ in found}
    sums: dict[tuple[str, int], np.ndarray] = {}
    for values in run_for(model, names, batches, token) if names else ():
        for name, axis in axes:
            moved = np.moveaxis(values[name], axis, 0).reshape(values[name].shape[axis], -1)
            sums[name, axis] = sums.get((name, axis), 0.0) + np.square(moved, dtype=np.float64).sum(axis=1)
    return {group.id: _of_group(group, places[group.id], sums) for group in groups if places.get(group.id)}


def _places(model: Model, group: ChannelGroup) -> Iterator[tuple[str, int, np.ndarray]]:
    """The inputs of the group's readers: name, axis, and for every position of it the channel, or -1."""
    for reader in group.consumers:
        value = model.node(reader).inputs[0]
        name = "" if value is None else value.name or ""
        for axis, labels in enumerate(model.channels.axes_by_value.get(name, ())):
            units = None if labels is None else model.channels.units(group.id, labels)
            if units is not None and (units >= 0).any():
                yield name, axis, units


def _of_group(
    group: ChannelGroup, places: Sequence[tuple[str, int, np.ndarray]], sums: dict[tuple[str, int], np.ndarray]
) -> np.ndarray:
    """The energy of each channel, from the sums over positions of axes."""
    total = np.zeros(group.channels)
    for name, axis, units in places:
        own = units >= 0
        energy = np.nan_to_num(sums[name, axis][own], nan=0.0, posinf=0.0)
        np.add.at(total, units[own], energy / max(float(energy.mean()), 1e-30))
    return total
