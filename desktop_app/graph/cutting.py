"""Cutting channels out of a model: weights shrink, and so do the integers that state their number."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import onnx_ir as ir

from desktop_app.graph.channels import ChannelMap
from desktop_app.graph.constants import array_of, set_tensor, tensor_of
from desktop_app.graph.labels import Axes
from desktop_app.graph.model import Model
from desktop_app.graph.rules.followers import Size

EXPLICIT_SPLIT_INPUT = 13
"""First operator set in which Split takes its sizes as an input."""


def cut_channels(model: Model, keep: Mapping[int, np.ndarray]) -> Model:
    """A copy of `model` of which the channels that are not named are gone.

    Args:
        model: The model; constants that are not cut are shared with the copy.
        keep: For some channel groups which of their channels stay, as a mask or as indices.

    Raises:
        ValueError: for a group that cannot be cut, or of which nothing would stay.
    """
    channels = model.channels
    stays = channels.staying(keep)
    result = model.clone()
    values = {value.name: value for value in _values(result.graph)}
    for name, axes in channels.axes_by_value.items():
        value = values.get(name)
        if value is not None and any(labels is not None and not stays[labels].all() for labels in axes):
            _cut_value(value, axes, stays)
    _follow_sizes(result, channels, stays, values)
    _follow_lookups(result, channels, stays)
    _rewrite_targets(result, channels, stays)
    return result


def _values(graph: ir.Graph) -> list[ir.Value]:
    """All values of the main graph."""
    made = [value for node in graph for value in node.outputs]
    return [*graph.inputs, *graph.initializers.values(), *made]


def _cut_value(value: ir.Value, axes: Axes, stays: np.ndarray) -> None:
    """Cuts a constant, or states the new shape of what is computed."""
    array = array_of(value)
    if array is not None:
        for axis, labels in enumerate(axes):
            if labels is not None and not stays[labels].all():
                array = np.compress(stays[labels], array, axis=axis)
        set_tensor(value, array)
    elif value.shape is not None and len(value.shape) == len(axes):
        dims = [*value.shape]
        for axis, labels in enumerate(axes):
            if labels is not None and not stays[labels].all():
                # a symbol may stand for a multiple of what was counted for one sample
                dims[axis] = int(stays[labels].sum()) if dims[axis] == labels.size else ir.SymbolicDim(None)
        value.shape = ir.Shape(dims)


def _follow_sizes(model: Model, channels: ChannelMap, stays: np.ndarray, values: Mapping[str | None, ir.Value]) -> None:
    """Rewrites the integers that state numbers of channels; a constant that others read too is copied for the node."""
    by_place: dict[tuple[str, int | str, str], list[Size]] = defaultdict(list)
    for size in channels.sizes:
        by_place[size.node, size.place, size.constant].append(size)
    for (name, place, constant), sizes in by_place.items():
        if all(stays[size.axis].all() for size in sizes):
            continue
        node = model.node(name)
        counts = {size.element: int(stays[size.labels].sum()) for size in sizes}
        if isinstance(place, str):
            _set_attribute(model, node, place, counts)
            continue
        numbers = channels.computed[constant].copy()
        numbers.reshape(-1)[[*counts]] = [*counts.values()]
        value = values[constant]
        if len(value.uses()) == 1 and tensor_of(value) is not None and not value.is_graph_output():
            set_tensor(value, numbers)
        elif node.inputs[place] is value:
            node.replace_input_with(place, _add_constant(model, f"{constant}_{name}", numbers))
        else:
            value.replace_all_uses_with(_add_constant(model, f"{constant}_{name}", numbers))


def _follow_lookups(model: Model, channels: ChannelMap, stays: np.ndarray) -> None:
    """Points indices at where the channels that stay now are; those of channels that go were dropped already."""
    for lookup in channels.lookups:
        kept = stays[lookup.axis]
        if kept.all():
            continue
        node = model.node(lookup.node)
        old = array_of(node.inputs[lookup.place])
        if old is None:
            continue
        picked = lookup.picked[kept[lookup.picked]] if old.ndim else lookup.picked
        moved = np.asarray((np.cumsum(kept) - 1)[picked], old.dtype)
        node.replace_input_with(lookup.place, _add_constant(model, f"{lookup.constant}_{lookup.node}", moved))


def _rewrite_targets(model: Model, channels: ChannelMap, stays: np.ndarray) -> None:
    """Gives nodes a target of their own where the one that they read would not be right for them after the cut."""
    for one in channels.rewritten:
        node = model.node(one.node)
        old = node.inputs[one.place]
        concat = old.producer() if old is not None else None
        if concat is None or stays[one.labels].all():
            continue
        size = -1 if one.inferred else int(stays[one.axis].sum())
        operands = [*concat.inputs]
        operands[one.operand] = _add_constant(model, f"{one.node}_size", np.array([size], np.int64))
        target = ir.Node(
            "", "Concat", operands, [ir.AttrInt64("axis", 0)], name=_free_name(model, f"{one.node}_target")
        )
        target.outputs[0].name = target.name
        model.graph.insert_before(node, target)
        node.replace_input_with(one.place, target.outputs[0])
        if not concat.outputs[0].uses() and not concat.outputs[0].is_graph_output():
            model.graph.remove(concat, safe=True)


def _set_attribute(model: Model, node: ir.Node, name: str, counts: Mapping[int, int]) -> None:
    """Rewrites elements of an integer attribute; equal parts of a Split become explicit."""
    old = node.attributes.get(name)
    if old is not None and old.type == ir.AttributeType.INT:
        node.attributes.add(ir.AttrInt64(name, counts[0]))
    elif old is not None or model.opset < EXPLICIT_SPLIT_INPUT:
        numbers = [*old.as_ints()] if old is not None else [0] * len(counts)
        for index, count in counts.items():
            numbers[index] = count
        node.attributes.add(ir.AttrInt64s(name, numbers))
    else:
        sizes = _add_constant(model, f"{node.name}_{name}", np.array([counts[i] for i in sorted(counts)]))
        node.attributes.pop("num_outputs", None)
        node.resize_inputs(2)
        node.replace_input_with(1, sizes)


def _add_constant(model: Model, name: str, numbers: np.ndarray) -> ir.Value:
    """A new initializer, under a name that is free."""
    free = _free_name(model, name)
    tensor = ir.Tensor(np.asarray(numbers, order="C"), name=free)
    value = ir.Value(name=free, shape=ir.Shape(numbers.shape), type=ir.TensorType(tensor.dtype), const_value=tensor)
    model.graph.register_initializer(value)
    return value


def _free_name(model: Model, name: str) -> str:
    """The name, or a longer one, that no value and no node of the main graph has."""
    taken = {value.name for value in _values(model.graph)} | {node.name for node in model.graph}
    while name in taken:
        name += "_"
    return name
