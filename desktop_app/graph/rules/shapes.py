"""Shape subgraphs: which elements of an integer vector are sizes of axes, and which are constants that may change."""

from collections.abc import Callable, Mapping

import onnx_ir as ir

from desktop_app.graph.rules.trace import Number, Trace, Unfollowed, describe

Numbers = tuple[Number, ...]
Propagation = Callable[[ir.Node, Trace], Numbers | None]

MAX_NUMBERS = 1024
"""Longer vectors hold no shape."""


def propagate_numbers(node: ir.Node, trace: Trace) -> None:
    """Follows sizes through one node; pins those that it takes where they cannot be followed."""
    propagation = PROPAGATIONS.get(node.op_type)
    if propagation is None and not trace.numbers:
        return
    numbers = propagation(node, trace) if propagation is not None else None
    if numbers is None:
        _pin_sizes(node, trace)
        return
    result = node.outputs[0]
    if len(result.uses()) > 1 or result.is_graph_output():
        numbers = tuple(number._replace(constant=None) for number in numbers)
    trace.numbers[result.name or ""] = numbers


def _pin_sizes(node: ir.Node, trace: Trace) -> None:
    """Pins every axis whose size the node takes in a way that is not followed."""
    for place, value in enumerate(node.inputs):
        if value is None or (node.op_type, place) in FOLLOWED:
            continue
        for number in trace.numbers.get(value.name or "", ()):
            trace.pin(number.labels, f"has a size that is used in {describe(node)}")


def _shape(node: ir.Node, trace: Trace) -> Numbers:
    """The sizes of the axes from `start` to `end`."""
    axes, sizes = trace.axes_of(node.inputs[0]), trace.shape_of(node.inputs[0])
    span = slice(node.attributes.get_int("start", 0), node.attributes.get_int("end", len(axes)))
    return tuple(
        Number(size if size >= 0 else None, labels) for size, labels in zip(sizes[span], axes[span], strict=True)
    )


def _same(node: ir.Node, trace: Trace) -> Numbers | None:
    return _taken(node.inputs[0], trace)


def _concat(node: ir.Node, trace: Trace) -> Numbers | None:
    parts: list[Number] = []
    known = False
    for value in node.inputs:
        numbers = _taken(value, trace)
        known = known or numbers is not None
        if numbers is None:
            length = _length(value, trace)
            if length is None or length > MAX_NUMBERS:
                return None
            numbers = (Number(None),) * length
        parts.extend(numbers)
        if len(parts) > MAX_NUMBERS:
            return None
    return tuple(parts) if known else None


def _gather(node: ir.Node, trace: Trace) -> Numbers | None:
    numbers, picked = _taken(node.inputs[0], trace), trace.integers(1)
    if numbers is None or picked is None or not all(-len(numbers) <= i < len(numbers) for i in picked):
        return None
    once = len(set(picked)) == len(picked)
    return tuple(numbers[i] if once else numbers[i]._replace(constant=None) for i in picked)


def _slice(node: ir.Node, trace: Trace) -> Numbers | None:
    numbers = _taken(node.inputs[0], trace)
    starts, ends = trace.integers(1, "starts"), trace.integers(2, "ends")
    steps = trace.integers(4, "steps") or [1]
    if numbers is None or starts is None or ends is None or len(starts) != 1 or steps[0] == 0:
        return None
    return numbers[starts[0] : ends[0] : steps[0]]


def _taken(value: ir.Value | None, trace: Trace) -> Numbers | None:
    """The elements of an input. A constant with other readers may not be changed for this one."""
    numbers = trace.numbers_of(value)
    if numbers is not None and value is not None and len(value.uses()) > 1:
        return tuple(number._replace(constant=None) for number in numbers)
    return numbers


def _length(value: ir.Value | None, trace: Trace) -> int | None:
    try:
        shape = trace.shape_of(value)
    except Unfollowed:
        return None
    return shape[0] if len(shape) == 1 and shape[0] >= 0 else None


PROPAGATIONS: Mapping[str, Propagation] = {
    "Shape": _shape,
    "Identity": _same,
    "Cast": _same,
    "Squeeze": _same,
    "Unsqueeze": _same,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
}
"""Operators through which the elements of a shape are followed."""

FOLLOWED = {("Reshape", 1), ("Expand", 1), ("Resize", 3)}
"""Inputs whose elements the rules of the operators themselves compare with the labels of the output."""
