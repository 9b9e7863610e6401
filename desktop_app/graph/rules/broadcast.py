"""Operators that work element by element, on one tensor or on several that are broadcast against each other."""

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.trace import Trace, describe

NUMPY_BROADCAST = 7
"""First operator set whose operators broadcast as numpy does."""


def unary(node: ir.Node, trace: Trace) -> list[Axes]:
    """Every output has the axes of the first input; the other inputs are scalars or do not matter."""
    return [trace.axes_of(node.inputs[0])] * len(node.outputs)


def elementwise(node: ir.Node, trace: Trace) -> list[Axes]:
    """The inputs are broadcast against each other."""
    operands = [(value, trace.axes_of(value)) for value in node.inputs if value is not None]
    if trace.opset < NUMPY_BROADCAST and node.attributes.get_int("broadcast", 0) == 1:
        return [_placed(operands[0][1], operands[1][1], node.attributes.get_int("axis", -1), trace)]
    return [broadcast_axes(operands, trace)]


def _placed(left: Axes, right: Axes, axis: int, trace: Trace) -> Axes:
    """Old broadcasting: the axes of the second operand are those of the first from `axis` on."""
    start = axis if axis >= 0 else len(left) - len(right)
    for offset, labels in enumerate(right):
        trace.join(left[start + offset], labels)
    return left


def broadcast_axes(operands: Sequence[tuple[ir.Value | None, Axes]], trace: Trace) -> Axes:
    """The leading axes of some operands, broadcast against each other from the right."""
    rank = max(len(axes) for _, axes in operands)
    result: list[np.ndarray | None] = []
    for back in range(rank, 0, -1):
        here = [(value, axes) for value, axes in operands if len(axes) >= back]
        if all(axes[-back] is None for _, axes in here):
            result.append(None)
        else:
            result.append(meet([(axes[-back], trace.size_of(v, len(axes) - back)) for v, axes in here], trace))
    return tuple(result)


def meet(axes: list[tuple[np.ndarray | None, int]], trace: Trace) -> np.ndarray | None:
    """Broadcasts (labels, size) of one axis: axes of size 1 are stretched, wider ones are the same channels."""
    if all(labels is None for labels, _ in axes):
        return None
    wide = [labels for labels, size in axes if size != 1]
    narrow = [labels for labels, size in axes if size == 1 and labels is not None]
    if not wide:
        for other in narrow[1:]:
            trace.join(narrow[0], other)
        return narrow[0]
    for other in narrow:
        trace.pin(other, f"is a single channel that is broadcast in {describe(trace.node)}")
    if any(labels is None for labels in wide):
        for labels in wide:
            trace.join(labels, None)
        return None
    for labels in wide[1:]:
        trace.join(wide[0], labels)
    return wide[0]


def quantised(node: ir.Node, trace: Trace) -> list[Axes]:
    """QuantizeLinear, DequantizeLinear: scale and zero point are scalars or go along one axis."""
    axes = trace.axes_of(node.inputs[0])
    axis = node.attributes.get_int("axis", 1)
    for parameter in node.inputs[1:]:
        if parameter is None:
            continue
        own = trace.axes_of(parameter)
        if len(own) == 1 and trace.size_of(parameter, 0) != 1:
            trace.join(axes[axis], own[0])
        elif len(own) > 1:
            for value in (node.inputs[0], parameter):
                trace.pin_value(value, f"is quantised in blocks by {describe(node)}")
    return [axes]
