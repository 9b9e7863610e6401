"""Which operators between the layers run in 8 bits, and how."""

import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of

STANDARD = ("", "ai.onnx")

ACTIVATIONS = frozenset({"Relu", "Clip"})
"""Saturation does their work: the quantised range ends where they cut."""

COMBINING = frozenset({"Add", "Mul", "Sigmoid", "LeakyRelu", "AveragePool", "GlobalAveragePool"})
"""ONNX Runtime fuses these with the conversions around them into an operator on integers."""

MOVING = frozenset(
    {
        *("Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Split", "Identity"),
        *("MaxPool", "Pad", "Resize", "DepthToSpace", "Gather", "Expand", "Tile"),
    }
)
"""These choose and order values without computing: they run on the integers as they are, with one scale."""


def is_layer(node: ir.Node) -> bool:
    """Whether the operator may be a quantised layer."""
    return node.domain in STANDARD and node.op_type in ("Conv", "Gemm", "MatMul")


def is_activation(node: ir.Node) -> bool:
    """Whether the operator cuts a range with known ends."""
    if node.domain not in STANDARD or node.op_type not in ACTIVATIONS:
        return False
    return all(value is None or tensor_of(value) is not None for value in node.inputs[1:])


def activation_range(node: ir.Node) -> tuple[float, float]:
    """What an activation lets through."""
    if node.op_type == "Relu":
        return 0.0, float("inf")
    ends = [array_of(value) for value in (*node.inputs[1:], None, None)[:2]]
    low, high = (None if end is None else float(end.reshape(-1)[0]) for end in ends)
    return float("-inf") if low is None else low, float("inf") if high is None else high


def combines(node: ir.Node) -> bool:
    """Whether ONNX Runtime has the operator on integers, with a scale of its own for the result."""
    if node.domain not in STANDARD or node.op_type not in COMBINING:
        return False
    if node.op_type == "AveragePool" and ("dilations" in node.attributes or node.attributes.get_int("ceil_mode")):
        return False
    return all(value is not None and tensor_of(value) is None for value in node.inputs)


def concatenates(node: ir.Node) -> bool:
    """Whether the operator lays computed values side by side; on integers if they share one scale."""
    return (
        node.domain in STANDARD and node.op_type == "Concat" and all(tensor_of(value) is None for value in node.inputs)
    )


def moves(node: ir.Node) -> bool:
    """Whether the operator only moves values of its first input."""
    if node.domain not in STANDARD or node.op_type not in MOVING:
        return False
    if node.op_type == "MaxPool":
        return len(node.outputs) == 1
    if node.op_type == "Pad":
        return node.attributes.get_string("mode", "constant") != "constant" or _pads_with_zero(node)
    if node.op_type == "Resize":
        return node.attributes.get_string("mode", "nearest") == "nearest"
    return tensor_of(node.inputs[0]) is None


def data_inputs(node: ir.Node) -> list[ir.Value]:
    """The inputs that carry activations: all, or the first where the others are weights or say how to move."""
    if combines(node) or concatenates(node):
        return [value for value in node.inputs if value is not None]
    return [value for value in node.inputs[:1] if value is not None]


def _pads_with_zero(node: ir.Node) -> bool:
    value = node.inputs[2] if len(node.inputs) > 2 else None
    array = array_of(value)
    return value is None or (array is not None and not array.any())
