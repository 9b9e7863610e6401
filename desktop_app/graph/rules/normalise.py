"""Operators that gather statistics: along an axis that they mix nothing can be cut, the others pass."""

from collections.abc import Callable, Iterable

import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.trace import Trace, describe, normalised, without

Rule = Callable[[ir.Node, Trace], list[Axes]]


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
    """GroupNormalization: mixes the channels of a group."""
    axes = trace.axes_of(node.inputs[0])
    _mix(axes, range(1, len(axes)), trace)
    _pin_parameters(node, trace)
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


def _mix(axes: Axes, positions: Iterable[int], trace: Trace) -> None:
    for position in positions:
        trace.pin(axes[position], f"passes through {describe(trace.node)}, which mixes channels")


def _pin_parameters(node: ir.Node, trace: Trace) -> None:
    for parameter in node.inputs[1:]:
        trace.pin_value(parameter, f"is a parameter of {describe(node)}, which mixes channels")
