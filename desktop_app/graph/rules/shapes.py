"""Shape subgraphs: which elements of an integer vector are sizes of axes, and which are constants that may change."""

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
import onnx_ir as ir

from desktop_app.graph.rules.followers import Check
from desktop_app.graph.rules.numbers import Number, Part, Place, equal, minus, plus, product, quotient
from desktop_app.graph.rules.trace import Trace, Unfollowed, describe

Numbers = tuple[Number, ...]
Propagation = Callable[[ir.Node, Trace], Numbers | None]
Combination = Callable[[Number, Number], Number | None]

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
    if _takers(result) > 1 or result.is_graph_output():
        numbers = tuple(number._replace(constant=None) for number in numbers)
    trace.numbers[result.name or ""] = numbers


def _pin_sizes(node: ir.Node, trace: Trace) -> None:
    """Pins every axis whose size the node takes in a way that is not followed."""
    for place, value in enumerate(node.inputs):
        if value is None or (node.op_type, place) in FOLLOWED:
            continue
        for number in trace.numbers.get(value.name or "", ()):
            trace.pin_number(number, f"has a size that is used in {describe(node)}")


def _shape(node: ir.Node, trace: Trace) -> Numbers:
    """The sizes of the axes from `start` to `end`."""
    vector = trace.numbers_of(node.inputs[0])
    if vector is not None:
        return (Number(len(vector), rest=Fraction(len(vector))),)
    axes, sizes = trace.axes_of(node.inputs[0]), trace.shape_of(node.inputs[0])
    span = slice(node.attributes.get_int("start", 0), node.attributes.get_int("end", len(axes)))
    return tuple(_size(size, labels) for size, labels in zip(sizes[span], axes[span], strict=True))


def _size(size: int, labels: np.ndarray | None) -> Number:
    if labels is None:
        return Number(size if size >= 0 else None)
    return Number(labels.size, (Part(Fraction(1), labels),), Fraction(0))


def _same(node: ir.Node, trace: Trace) -> Numbers | None:
    return _taken(node.inputs[0], trace)


def _flattened(node: ir.Node, trace: Trace) -> Numbers | None:
    """Reshape of a vector of sizes to a vector."""
    target = trace.integers(1)
    return _taken(node.inputs[0], trace) if target is not None and len(target) <= 1 else None


def _filled(node: ir.Node, trace: Trace) -> Numbers | None:
    """ConstantOfShape of a known length: as many equal integers."""
    length, value = trace.numbers_of(node.inputs[0]), node.attributes.get_tensor("value", None)
    if length is None or len(length) != 1 or length[0].rest is None or length[0].parts or value is None:
        return None
    array = value.numpy().reshape(-1)
    if array.dtype.kind != "i" or not 0 < length[0].rest <= MAX_NUMBERS:
        return None
    return (Number(int(array[0]), rest=Fraction(int(array[0]))),) * int(length[0].rest)


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


def _arithmetic(combine: Combination) -> Propagation:
    """Sums, multiples and parts of sizes. Where one is no such number, its axes are pinned."""

    def propagation(node: ir.Node, trace: Trace) -> Numbers | None:
        if node.outputs[0].name in trace.computed:  # a constant, which may be changed as it is
            return None
        left, right = _taken(node.inputs[0], trace), _taken(node.inputs[1], trace)
        if left is None or right is None or not (len(left) == len(right) or 1 in (len(left), len(right))):
            return None
        length = max(len(left), len(right))
        pairs = zip(left * (length // len(left)), right * (length // len(right)), strict=True)
        found = tuple(_combined(combine, a, b, node, trace) for a, b in pairs)
        divisor = node.inputs[1].name if node.inputs[1] is not None else ""
        if combine is quotient and length == 1 and left[0].labels is not None and divisor in trace.computed:
            return (found[0]._replace(divisor=Place(node.name or "", 1, divisor or "", 0)),)
        return found

    return propagation


def _combined(combine: Combination, left: Number, right: Number, node: ir.Node, trace: Trace) -> Number:
    found = combine(left, right)
    if found is None:
        for number in (left, right):
            trace.pin_number(number, f"has a size that is used in {describe(node)}")
        return Number(None)
    for number in (left, right):  # a part of a size was rounded down: that must have changed nothing
        if any(part.times.denominator > 1 for part in number.parts):
            trace.checks.append(Check(number, None, f"has a size that is used in {describe(node)}"))
    return found


def _where(node: ir.Node, trace: Trace) -> Numbers | None:
    condition, *sides = (_taken(value, trace) for value in node.inputs)
    if condition is None or sides[0] is None or sides[1] is None:
        return None
    length = max(len(condition), len(sides[0]), len(sides[1]))
    rows = [one * (length // len(one)) for one in (condition, sides[0], sides[1])]
    if any(len(row) != length for row in rows) or any(number.rest is None for number in rows[0]):
        return None
    return tuple(yes if chosen.rest else no for chosen, yes, no in zip(*rows, strict=True))


def _taken(value: ir.Value | None, trace: Trace) -> Numbers | None:
    """The elements of an input. A constant with other readers may not be changed for this one."""
    numbers = trace.numbers_of(value)
    if numbers is not None and value is not None and _takers(value) > 1:
        return tuple(number._replace(constant=None) for number in numbers)
    return numbers


def _takers(value: ir.Value) -> int:
    """How many nodes use the elements of a vector; its length, and whether they are -1, does not change."""
    return sum(use.node.op_type not in ("Shape", "Equal") for use in value.uses())


def _length(value: ir.Value | None, trace: Trace) -> int | None:
    try:
        shape = trace.shape_of(value)
    except Unfollowed:
        return None
    return shape[0] if len(shape) == 1 and shape[0] >= 0 else None


PROPAGATIONS: Mapping[str, Propagation] = {
    "Shape": _shape,
    "ConstantOfShape": _filled,
    "Identity": _same,
    "Reshape": _flattened,
    "Cast": _same,
    "Squeeze": _same,
    "Unsqueeze": _same,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Add": _arithmetic(plus),
    "Sub": _arithmetic(minus),
    "Mul": _arithmetic(product),
    "Div": _arithmetic(quotient),
    "Equal": _arithmetic(equal),
    "Where": _where,
}
"""Operators through which the elements of a shape are followed."""

FOLLOWED = {
    ("Reshape", 1),
    ("Expand", 1),
    ("Resize", 3),
    ("Slice", 1),
    ("Slice", 2),
    ("ConstantOfShape", 0),
    ("Split", 1),
}
"""Inputs whose elements the rules of the operators themselves compare with the labels of the output."""
