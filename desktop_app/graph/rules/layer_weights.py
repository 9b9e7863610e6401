"""Where the layers that make channels have their weights, and on which axes the channels lie."""

from collections.abc import Container, Mapping
from typing import NamedTuple

import onnx_ir as ir

from desktop_app.graph.constants import tensor_of
from desktop_app.graph.operators import MICROSOFT
from desktop_app.graph.weights import FLOATS

_SAME_AXES = {"Identity", "Cast", "DequantizeLinear", "QuantizeLinear"}


class WeightAxes(NamedTuple):
    """Where the weight of a layer is: the constant's name, and its axes of output and input channels."""

    constant: str
    output: int
    input: int


def weight_axes(node: ir.Node) -> WeightAxes | None:
    """The weight of a layer that makes channels; None for nodes of other kinds or with computed weights."""
    if node.domain not in ("", "ai.onnx", MICROSOFT) or len(node.inputs) < 2:
        return None
    if node.op_type in ("Gemm", "FusedGemm"):
        return _stored(node.inputs[1], *((0, 1) if node.attributes.get_int("transB", 0) else (1, 0)))
    if node.op_type in ("MatMul", "FusedMatMul"):
        if source_of(node.inputs[1]) is not None:
            swapped = bool(node.attributes.get_int("transB", 0))
            return _stored(node.inputs[1], *((-2, -1) if swapped else (-1, -2)))
        return _stored(node.inputs[0], *((-1, -2) if node.attributes.get_int("transA", 0) else (-2, -1)))
    if node.op_type == "Gather":  # rows of a table: its columns are channels
        is_table = not node.attributes.get_int("axis", 0) and tensor_of(node.inputs[1]) is None
        return _stored(node.inputs[0], 1, 0, FLOATS) if is_table else None
    if node.op_type == "Einsum":
        return _einsum_axes(node)
    axes = AXES.get(node.op_type)
    return None if axes is None else _stored(node.inputs[1], *axes)


AXES: Mapping[str, tuple[int, int]] = {
    "Attention": (1, 0),
    "Conv": (0, 1),
    "ConvTranspose": (1, 0),
    "FusedConv": (0, 1),
    "GRU": (1, 2),
    "LSTM": (1, 2),
    "RNN": (1, 2),
}
"""Where an operator's second input has its output and input channels."""


def _einsum_axes(node: ir.Node) -> WeightAxes | None:
    """The one axis of the constant that only the result has too, and the one that is summed over."""
    operands, result = einsum_terms(node)
    constants = [i for i, value in enumerate(node.inputs) if source_of(value) is not None]
    if len(constants) != 1 or len(operands) != len(node.inputs):
        return None
    own = operands[constants[0]]
    others = "".join(term for i, term in enumerate(operands) if i != constants[0])
    made = [axis for axis, letter in enumerate(own) if letter in result and letter not in others]
    read = [axis for axis, letter in enumerate(own) if letter not in result and letter in others]
    return _stored(node.inputs[constants[0]], made[0], read[0]) if made and read else None


def einsum_terms(node: ir.Node) -> tuple[list[str], str]:
    """The letters of each operand and of the result; without an arrow the result has those that occur once, sorted."""
    left, arrow, result = node.attributes["equation"].as_string().replace(" ", "").partition("->")
    if not arrow:
        result = "".join(sorted(letter for letter in set(left) - {","} if left.count(letter) == 1))
    return left.split(","), result


def _stored(value: ir.Value | None, output: int, inputs: int, types: Container[ir.DataType] = ()) -> WeightAxes | None:
    """Follows a weight back to its constant, of one of `types` if any are given; the axes are those of the constant."""
    source = source_of(value)
    if source is None:
        return None
    constant, permutation = source
    tensor = tensor_of(constant)
    rank = 0 if tensor is None else len(tensor.shape)
    if tensor is None or rank < 2 or max(output, inputs) >= rank or (types and tensor.dtype not in types):
        return None
    order = permutation or tuple(range(rank))
    return WeightAxes(constant.name or "", order[output], order[inputs])


def source_of(value: ir.Value | None) -> tuple[ir.Value, tuple[int, ...]] | None:
    """The constant behind a value through operators that keep or permute its axes, and the permutation (or none)."""
    permutation: tuple[int, ...] = ()
    while value is not None and tensor_of(value) is None:
        node = value.producer()
        if node is None or not node.inputs:
            return None
        if node.op_type == "Transpose" and not permutation and "perm" in node.attributes:
            permutation = tuple(node.attributes["perm"].as_ints())
        elif node.op_type not in _SAME_AXES:
            return None
        value = node.inputs[0]
    return None if value is None else (value, permutation)
