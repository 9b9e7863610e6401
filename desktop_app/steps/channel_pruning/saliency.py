"""What makes a channel worth keeping."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from desktop_app.core.layer import ChannelGroup
from desktop_app.graph.channels import Member
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import NORM_SCALE_KEY, Model

FALLBACKS = {
    "batch_norm": "Some channels have no batch normalisation to judge them by: l2 was used there.",
    "activation": "No calibration samples show the energy of some channels: l2 was used there.",
    "reconstruction": "What reads some channels cannot be refitted: l2 was used there.",
}


POWERS = {"l1": 1, "l2": 2, "group_norm": 2, "batch_norm": 1, "geometric_median": 1}
"""By which power of a saliency the loss grows when channels go."""


class Saliency:
    """Judges the channels of a model's groups by one criterion.

    "l1" and "l2" are norms over all weights that make a channel, of every layer that makes it (Li et al., 2017);
    "group_norm" over those that read it too, every tensor by its own mean (Fang et al., DepGraph, 2023);
    "geometric_median" is the sum of distances from the weights that make the others (He et al., FPGM, 2019);
    "batch_norm" is the magnitude of its scale in batch normalisation (Liu et al., 2017), folded since or not.
    """

    def __init__(self, model: Model, criterion: str) -> None:
        self._model = model
        self._criterion = criterion
        values = (*model.graph.initializers.values(), *(value for node in model.graph for value in node.outputs))
        self._values = {value.name: value for value in values}
        self._scales = {
            node.inputs[1].name for node in model.graph if node.op_type == "BatchNormalization" and node.inputs[1]
        }

    def of(self, group: ChannelGroup) -> tuple[np.ndarray, str, str]:
        """The saliency of every channel of a group, the criterion used, and what is worth saying of that."""
        members = self._model.channels.members(group.id)
        producers = self._of_layers(group, group.producers, "output")
        if self._criterion == "batch_norm":
            scales = [member for member in members if member.constant in self._scales]
            found = self._summed(scales, group.channels, 1) if scales else self._folded_scales(group)
            if found is not None:
                return found, "batch_norm", ""
        if self._criterion == "l1":
            return self._summed(producers, group.channels, 1), "l1", ""
        if self._criterion == "group_norm":
            coupled = [*producers, *self._of_layers(group, group.consumers, "input")]
            sums = [self._summed([member], group.channels, 2) for member in coupled]
            return np.sqrt(sum(one / max(float(one.mean()), 1e-30) for one in sums)), "group_norm", ""
        if self._criterion == "geometric_median":
            return self._distances(producers, group.channels), "geometric_median", ""
        return np.sqrt(self._summed(producers, group.channels, 2)), "l2", FALLBACKS.get(self._criterion, "")

    def _of_layers(self, group: ChannelGroup, names: Sequence[str], side: Literal["output", "input"]) -> list[Member]:
        """The axes of some layers' weights on which the group's channels lie."""
        weights = self._model.channels.weights
        axes = dict.fromkeys((weights[name].constant, getattr(weights[name], side)) for name in names)
        members = self._model.channels.members(group.id)
        return [member for member in members if (member.constant, member.axis) in axes]

    def _distances(self, members: Sequence[Member], channels: int) -> np.ndarray:
        """Sum over the other channels of the distance of their weights, over all layers that make them."""
        total = np.zeros(channels)
        for member in members:
            rows = self._rows(member)
            if rows is not None and (member.units >= 0).all() and member.units.size == channels:
                squares = np.square(rows).sum(axis=1)
                distances = squares[:, None] + squares[None] - 2 * rows @ rows.T
                total[member.units] += np.sqrt(np.maximum(distances, 0.0)).sum(axis=1)
            elif rows is not None:
                total += np.sqrt(self._summed([member], channels, 2))
        return total

    def _folded_scales(self, group: ChannelGroup) -> np.ndarray | None:
        """Sum of the scales folded into the layers that make each channel; None where none was folded."""
        units = {(member.constant, member.axis): member.units for member in self._model.channels.members(group.id)}
        total, found = np.zeros(group.channels), False
        for name in group.producers:
            made = self._model.channels.weights[name]
            own, scale = units.get((made.constant, made.output)), self._model.node(name).meta.get(NORM_SCALE_KEY)
            if own is not None and scale is not None and len(scale) == len(own):
                np.add.at(total, own[own >= 0], np.abs(scale)[own >= 0])
                found = True
        return total if found else None

    def _summed(self, members: Sequence[Member], channels: int, power: int) -> np.ndarray:
        """Sum of |weight| ** power over all positions of each channel; what is not finite counts as nothing."""
        total = np.zeros(channels)
        for member in members:
            rows = self._rows(member)
            if rows is not None:
                sums = (np.abs(rows) ** power).sum(axis=1)
                own = member.units >= 0
                np.add.at(total, member.units[own], sums[own])
        return total

    def _rows(self, member: Member) -> np.ndarray | None:
        """The weights of every position of an axis; what is not finite counts as nothing."""
        array = array_of(self._values[member.constant])
        if array is None:
            return None
        moved = np.moveaxis(array.astype(np.float64), member.axis, 0).reshape(len(member.units), -1)
        return np.nan_to_num(moved, nan=0.0, posinf=0.0, neginf=0.0)
