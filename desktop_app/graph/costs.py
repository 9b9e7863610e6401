"""Multiply-accumulates of a node for one sample, operator by operator; additions alone and look-ups cost none."""

from collections.abc import Callable, Mapping
from math import prod

import onnx_ir as ir

from desktop_app.graph.operators import MICROSOFT

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]


def macs_of(node: ir.Node, shapes: Shapes) -> int:
    """Multiply-accumulates of one node; 0 for operators without products and where a shape is not known."""
    formula = FORMULAS.get(node.op_type) if node.domain in ("", MICROSOFT) else None
    if formula is None:
        return 0
    try:
        return max(formula(node, shapes), 0)
    except (KeyError, IndexError, AttributeError, ValueError):
        return 0


def _input(node: ir.Node, index: int, shapes: Shapes) -> Shape:
    """The shape of an input. Raises KeyError when it is not wholly known."""
    return _known(node.inputs[index], shapes)


def _output(node: ir.Node, shapes: Shapes) -> Shape:
    return _known(node.outputs[0], shapes)


def _known(value: ir.Value | None, shapes: Shapes) -> Shape:
    shape = shapes["" if value is None else value.name or ""]
    if -1 in shape:
        raise KeyError(value)
    return shape


def _conv(weight: int) -> Callable[[ir.Node, Shapes], int]:
    """Every output element is a sum over the kernel and the input channels of its group: weight (O, I / group, ...)."""
    return lambda node, shapes: prod(_output(node, shapes)) * prod(_input(node, weight, shapes)[1:])


def _conv_transpose(node: ir.Node, shapes: Shapes) -> int:
    """Every input element is spread over the kernel and its group's output channels: weight (I, O / group, ...)."""
    return prod(_input(node, 0, shapes)) * prod(_input(node, 1, shapes)[1:])


def _gemm(node: ir.Node, shapes: Shapes) -> int:
    rows, depth = _input(node, 0, shapes)[-2:]
    if node.attributes.get_int("transA", 0):
        depth = rows
    return prod(_output(node, shapes)) * depth


def _matmul(node: ir.Node, shapes: Shapes) -> int:
    return prod(_output(node, shapes)) * _input(node, 0, shapes)[-1]


def _einsum(node: ir.Node, shapes: Shapes) -> int:
    """One product for every combination of all indices. An ellipsis is not read: then 0."""
    operands = node.attributes["equation"].as_string().replace(" ", "").split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for index, letters in enumerate(operands):
        sizes.update(zip(letters, _input(node, index, shapes), strict=True))
    return prod(sizes.values()) if len(operands) > 1 else 0


def _recurrent(node: ir.Node, shapes: Shapes) -> int:
    """Both weight matrices at every time step: input (steps, batch, size)."""
    steps = prod(_input(node, 0, shapes)[:2])
    return steps * (prod(_input(node, 1, shapes)) + prod(_input(node, 2, shapes)))


def _attention(node: ir.Node, shapes: Shapes) -> int:
    """Projection of the input (batch, length, hidden) by one weight, then scores and their weighted sum."""
    batch, length, _ = _input(node, 0, shapes)
    weight = _input(node, 1, shapes)
    return batch * length * (prod(weight) + 2 * length * weight[1] // 3)


def _attention_scores(node: ir.Node, shapes: Shapes) -> int:
    """Scores and their weighted sum: queries (batch, length, hidden) against keys of another length."""
    query, key = _input(node, 0, shapes), _input(node, 1, shapes)
    return 2 * prod(query) * key[-2]


def _packed_matmul(node: ir.Node, shapes: Shapes) -> int:
    return prod(_input(node, 0, shapes)) * node.attributes["N"].as_int()


FORMULAS: Mapping[str, Callable[[ir.Node, Shapes], int]] = {
    "Attention": _attention,
    "Conv": _conv(1),
    "ConvInteger": _conv(1),
    "ConvTranspose": _conv_transpose,
    "DeformConv": _conv(1),
    "DynamicQuantizeLSTM": _recurrent,
    "DynamicQuantizeMatMul": _matmul,
    "Einsum": _einsum,
    "FusedConv": _conv(1),
    "FusedGemm": _gemm,
    "FusedMatMul": _matmul,
    "GRU": _recurrent,
    "Gemm": _gemm,
    "GroupQueryAttention": _attention_scores,
    "LSTM": _recurrent,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "MatMulIntegerToFloat": _matmul,
    "MatMulNBits": _packed_matmul,
    "MultiHeadAttention": _attention_scores,
    "QAttention": _attention,
    "QGemm": _gemm,
    "QLinearConv": _conv(3),
    "QLinearMatMul": _matmul,
    "RNN": _recurrent,
}
