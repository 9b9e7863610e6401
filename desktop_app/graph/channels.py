"""Which channels must be cut together: every position of every axis has a label, and operators join labels."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from desktop_app.core.layer import Axis, ChannelGroup, Span
from desktop_app.graph.constants import tensor_of
from desktop_app.graph.grouping import Units, group_units
from desktop_app.graph.labels import Axes
from desktop_app.graph.model import Model
from desktop_app.graph.rules.followers import Lookup, Rewritten, Size
from desktop_app.graph.rules.layer_weights import WeightAxes, weight_axes
from desktop_app.graph.rules.trace import Trace
from desktop_app.graph.rules.walk import walk

SINGLE = "it is a single channel"


class Member(NamedTuple):
    """An axis of a constant on which channels of a group lie.

    Attributes:
        constant: Name of the initializer, or of the output of the Constant node.
        axis: Which axis of it.
        units: For every position the group's channel, or -1 for a position of another group.
    """

    constant: str
    axis: int
    units: np.ndarray


class ChannelMap:
    """The channel groups of a model, and where their channels lie.

    Attributes:
        groups: All groups that some layer produces; `id` is the position.
        axes_by_value: For every value of the main graph the labels of its axes.
        sizes: Integers in the graph that must follow a cut.
        lookups: Indices that must follow a cut.
        rewritten: Elements of targets that one node gets in another way after a cut.
        computed: The small constants that hold them.
        weights: For every node that makes channels where its weight is.
    """

    def __init__(
        self,
        groups: tuple[ChannelGroup, ...],
        trace: Trace,
        weights: Mapping[str, WeightAxes],
        constants: Sequence[str],
        units: Units,
    ) -> None:
        self.groups = groups
        self.axes_by_value: Mapping[str, Axes] = trace.axes
        self.sizes: Sequence[Size] = trace.sizes
        self.lookups: Sequence[Lookup] = trace.lookups
        self.rewritten: Sequence[Rewritten] = trace.rewritten
        self.computed: Mapping[str, np.ndarray] = trace.computed
        self.weights = weights
        self._constants = constants
        self._group_of = units.group
        self._unit_of = units.position

    def axes(self, node_name: str) -> tuple[Axis, Axis]:
        """The axes of output and input channels of a layer's weight; of size 1 for a layer that makes no channels."""
        weight = self.weights.get(node_name)
        if weight is None:
            return Axis(1), Axis(1)
        axes = self.axes_by_value[weight.constant]
        return self._axis(axes[weight.output]), self._axis(axes[weight.input])

    def axes_of(self, constant: str) -> tuple[Axis, ...]:
        """Those axes of a constant on which channels of groups lie."""
        found = (self._axis(labels) for labels in self.axes_by_value.get(constant, ()))
        return tuple(axis for axis in found if axis.spans)

    def units(self, group: int, labels: np.ndarray) -> np.ndarray:
        """For every label its channel in the group, or -1."""
        return np.where(self._group_of[labels] == group, self._unit_of[labels], -1)

    def members(self, group: int) -> tuple[Member, ...]:
        """The axes of constants on which channels of the group lie."""
        return self._members[group]

    def staying(self, keep: Mapping[int, np.ndarray]) -> np.ndarray:
        """For every label whether it stays, given which channels of which groups stay (a mask or indices).

        Raises:
            ValueError: for a group that cannot be cut, or of which nothing would stay.
        """
        stays = np.ones(self._group_of.size, dtype=bool)
        for group, kept in keep.items():
            mask = np.zeros(self.groups[group].channels, dtype=bool)
            mask[kept] = True
            if not mask.any() or (self.groups[group].refusal and not mask.all()):
                raise ValueError(f"channel group {group}: {self.groups[group].refusal or 'nothing would stay'}")
            own = np.flatnonzero(self._group_of == group)
            stays[own] = mask[self._unit_of[own]]
        return stays

    def _axis(self, labels: np.ndarray | None) -> Axis:
        """The axis with a span for every group that lies on it, in the order of their first channels."""
        if labels is None:
            return Axis(1)
        groups = self._group_of[labels]
        if labels.size and (groups == groups[0]).all():  # nearly always, and much faster
            found = [(int(groups[0]), labels.size)]
        else:
            present, first, counts = np.unique(groups, return_index=True, return_counts=True)
            found = [(int(present[i]), int(counts[i])) for i in np.argsort(first)]
        cut = [(self.groups[group], count) for group, count in found if group >= 0]
        return Axis(labels.size, tuple(Span(group.id, group.channels, n // group.channels) for group, n in cut))

    @cached_property
    def _members(self) -> Mapping[int, tuple[Member, ...]]:
        members: dict[int, list[Member]] = defaultdict(list)
        for name in self._constants:
            for axis, labels in enumerate(self.axes_by_value[name]):
                present = () if labels is None else np.unique(self._group_of[labels])
                for group in map(int, present):
                    if group >= 0 and labels is not None:
                        members[group].append(Member(name, axis, self.units(group, labels)))
        return {group: tuple(found) for group, found in members.items()}


def map_channels(model: Model) -> ChannelMap:
    """Finds all channel groups of a model, and why those that cannot be cut cannot."""
    trace, resolved = walk(model)
    weights = {node.name or "": weight for node in model.graph if (weight := weight_axes(node)) is not None}
    weights = {name: weight for name, weight in weights.items() if weight.constant in trace.axes}
    outputs = {name: trace.axes[weight.constant][weight.output] for name, weight in weights.items()}
    inputs = {name: trace.axes[weight.constant][weight.input] for name, weight in weights.items()}
    units = group_units(resolved, trace.axes.values(), [labels for labels in outputs.values() if labels is not None])
    producers, consumers = units.owners(outputs), units.owners(inputs)
    groups = []
    for group, channels in enumerate(units.channels):
        reason = resolved.reasons[units.reasons[group]] if units.reasons[group] < len(resolved.reasons) else ""
        refusal = (
            f"its output {reason}" if reason else f"{SINGLE}, made by {producers[group][0]}" if channels == 1 else ""
        )
        groups.append(ChannelGroup(group, channels, producers[group], consumers[group], refusal))
    return ChannelMap(tuple(groups), trace, weights, _constants(model, trace), units)


def _constants(model: Model, trace: Trace) -> list[str]:
    """Names of the constants that have labels."""
    stored = (*model.graph.initializers.values(), *(value for node in model.graph for value in node.outputs))
    return [value.name or "" for value in stored if value.name in trace.axes and tensor_of(value) is not None]
