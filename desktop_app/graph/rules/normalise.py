"""Operators that gather statistics: along an axis that they mix nothing can be cut, the others pass."""

from collections.abc import Callable, Iterable

import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.operators import operators
from desktop_app.graph.rules.broadcast import broadcast_axes
from desktop_app.graph.rules.trace import Trace, describe, normalised, without
from desktop_app.graph.rules.weights import need_zero

Rule = Callable[[ir.Node, Trace], list[Axes]]

SUMS = operators("ReduceL1 ReduceL2 ReduceSum ReduceSumSquare")
"""Reductions to which zeros add nothing. A mean would be of fewer channels."""


def batch_normalization(node: ir.Node, trace: Trace) -> list[Axes]:
    """BatchNormalization: scale, shift, mean and variance go with axis 1."""
    axes = trace.axes_of(node.inputs[0])
    if node.attributes.get_int("spatial", 1) == 0:
        trace.pin_value(node.inputs[0], f"passes through {describe(node)}, which normalises every position")
    channels = axes[1] if len(axes) > 1 else None
    for parameter in node.inputs[1:]:
        trace.join(channels, trace.axes_of(parameter)[0])
    return [axes, *((channels,) for _ in node.outputs[1:])]


def instance_normalization(node: ir.Node, trace: Trace) -> list[Axes]:
    """InstanceNormalization: every channel by itself, over all positions."""
    axes = trace.axes_of(node.inputs[0])
    _mix(axes, range(2, len(axes)), trace)
    for parameter in node.inputs[1:]:
        trace.join(axes[1], trace.axes_of(parameter)[0])
    return [axes]


def group_normalization(node: ir.Node, trace: Trace) -> list[Axes]:
    """GroupNormalization: mixes the channels of a group, so that groups go as a whole.

    Scale and shift are one for each group before operator set 21, and one for each channel since.
    """
    axes = trace.axes_of(node.inputs[0])
    _mix(axes, range(2, len(axes)), trace)
    groups, channels = node.attributes.get_int("num_groups", 1), axes[1]
    if channels is None or groups < 1 or channels.size % groups:
        _pin_parameters(node, trace)
        _mix(axes, [1], trace)
        return [axes]
    first = trace.join_rows(channels.reshape(groups, -1))
    trace.follow_attribute("num_groups", 0, first)
    for parameter in node.inputs[1:]:
        own = trace.axes_of(parameter)[0]
        trace.join(first if groups == trace.size_of(parameter, 0) else channels, own)
    return [axes]


def layer_normalization(node: ir.Node, trace: Trace) -> list[Axes]:
    """LayerNormalization, RMSNormalization: mix everything from `axis` on."""
    axes = trace.axes_of(node.inputs[0])
    first = normalised(node.attributes.get_int("axis", -1), len(axes))
    _mix(axes, range(first, len(axes)), trace)
    _pin_parameters(node, trace)
    statistics = (*axes[:first], *(None for _ in axes[first:]))
    return [axes, *(statistics for _ in node.outputs[1:])]


def softmax(node: ir.Node, trace: Trace) -> list[Axes]:
    """Softmax, LogSoftmax, Hardmax: mix one axis; before operator set 13 all axes from it on."""
    axes = trace.axes_of(node.inputs[0])
    if trace.opset >= 13:
        _mix(axes, [normalised(node.attributes.get_int("axis", -1), len(axes))], trace)
    else:
        _mix(axes, range(normalised(node.attributes.get_int("axis", 1), len(axes)), len(axes)), trace)
    return [axes]


def skip_layer_normalization(node: ir.Node, trace: Trace) -> list[Axes]:
    """SkipLayerNormalization: adds two tensors and mixes their last axis; the fourth result is the sum."""
    operands = [(value, trace.axes_of(value)) for value in node.inputs[:2]]
    axes = broadcast_axes(operands, trace)
    _mix(axes, [len(axes) - 1], trace)
    _pin_parameters(node, trace, first=2)
    statistics = (*axes[:-1], None)
    return [axes, statistics, statistics, axes]


def lp_normalization(node: ir.Node, trace: Trace) -> list[Axes]:
    """LpNormalization divides by a norm along one axis, to which zeros add nothing."""
    axes = trace.axes_of(node.inputs[0])
    need_zero(axes[normalised(node.attributes.get_int("axis", -1), len(axes))], node.inputs[:1], trace)
    return [axes]


def mixing(default: tuple[int, ...], attribute: str) -> Rule:
    """A rule for operators that mix the axes named by an attribute."""

    def rule(node: ir.Node, trace: Trace) -> list[Axes]:
        axes = trace.axes_of(node.inputs[0])
        named = trace.integers(len(node.inputs), attribute) or default
        _mix(axes, [normalised(axis, len(axes)) for axis in named], trace)
        return [axes]

    return rule


def reduce(node: ir.Node, trace: Trace) -> list[Axes]:
    """ReduceMean and its kin: the axes that they reduce are mixed, and go or become 1."""
    axes = trace.axes_of(node.inputs[0])
    named = trace.integers(1, "axes")
    if named is None and trace.input(1) is not None:
        trace.pin_value(node.inputs[0], f"passes through {describe(node)}, whose axes are computed")
    if not named:
        named = [] if node.attributes.get_int("noop_with_empty_axes", 0) else [*range(len(axes))]
    reduced = [normalised(axis, len(axes)) for axis in named]
    if node.op_type in SUMS:
        for axis in reduced:
            need_zero(axes[axis], node.inputs[:1], trace)
    else:
        _mix(axes, reduced, trace)
    if node.attributes.get_int("keepdims", 1):
        return [tuple(None if i in reduced else labels for i, labels in enumerate(axes))]
    return [without(axes, reduced)]


def pool(node: ir.Node, trace: Trace) -> list[Axes]:
    """Pooling: every channel by itself; the positions that MaxPool may give count through all channels."""
    axes = trace.axes_of(node.inputs[0])
    _mix(axes, range(2, len(axes)), trace)
    if len(node.outputs) > 1 and (node.outputs[1].uses() or node.outputs[1].is_graph_output()):
        trace.pin(axes[1], f"passes through {describe(node)}, which numbers positions through all channels")
    return [(*axes[:2], *(None for _ in axes[2:]))] * len(node.outputs)


def roi_pool(node: ir.Node, trace: Trace) -> list[Axes]:
    """RoiAlign, MaxRoiPool: cut regions out of images, each channel by itself."""
    axes = trace.axes_of(node.inputs[0])
    _mix(axes, (0, *range(2, len(axes))), trace)
    return [(None, axes[1], None, None)]


def _mix(axes: Axes, positions: Iterable[int], trace: Trace) -> None:
    for position in positions:
        trace.pin(axes[position], f"passes through {describe(trace.node)}, which mixes channels")


def _pin_parameters(node: ir.Node, trace: Trace, first: int = 1) -> None:
    for parameter in node.inputs[first:]:
        trace.pin_value(parameter, f"is a parameter of {describe(node)}, which mixes channels")
