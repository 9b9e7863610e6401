"""What makes a channel worth keeping."""

import numpy as np

from desktop_app.core.layer import ChannelGroup
from desktop_app.graph.channels import Member
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import NORM_SCALE_KEY, Model

FALLBACKS = {
    "batch_norm": "Some channels have no batch normalisation to judge them by: l2 was used there.",
    "reconstruction": "What reads some channels cannot be refitted: l2 was used there.",
}


class Saliency:
    """Judges the channels of a model's groups by one criterion.

    "l1" and "l2" are norms over all weights that make a channel, of every layer that makes it (Li et al., 2017);
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

    def of(self, group: ChannelGroup) -> tuple[np.ndarray, str]:
        """The saliency of every channel of a group, and what is worth saying of how it was found."""
        members = self._model.channels.members(group.id)
        scales = [member for member in members if member.constant in self._scales]
        if self._criterion == "batch_norm" and scales:
            return self._summed(scales, group.channels, power=1), ""
        folded = self._folded_scales(group) if self._criterion == "batch_norm" else None
        if folded is not None:
            return folded, ""
        weights = self._model.channels.weights
        made = dict.fromkeys((weights[name].constant, weights[name].output) for name in group.producers)
        producers = [member for member in members if (member.constant, member.axis) in made]
        if self._criterion == "l1":
            return self._summed(producers, group.channels, power=1), ""
        remark = FALLBACKS.get(self._criterion, "")
        return np.sqrt(self._summed(producers, group.channels, power=2)), remark

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

    def _summed(self, members: list[Member], channels: int, power: int) -> np.ndarray:
        """Sum of |weight| ** power over all positions of each channel; what is not finite counts as nothing."""
        total = np.zeros(channels)
        for member in members:
            array = array_of(self._values[member.constant])
            if array is None:
                continue
            moved = np.moveaxis(array.astype(np.float64), member.axis, 0).reshape(len(member.units), -1)
            sums = (np.abs(np.nan_to_num(moved, nan=0.0, posinf=0.0, neginf=0.0)) ** power).sum(axis=1)
            own = member.units >= 0
            np.add.at(total, member.units[own], sums[own])
        return total


def most_salient(saliency: np.ndarray, keep: int) -> np.ndarray:
    """A mask of the `keep` largest; of equal ones the first stay."""
    mask = np.zeros(saliency.size, dtype=bool)
    mask[np.argsort(-saliency, kind="stable")[:keep]] = True
    return mask
