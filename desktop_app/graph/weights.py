"""Which nodes own weights, at which of their inputs, and how the weight is reached behind what it is stored as."""

from collections.abc import Mapping
from math import ceil, prod
from typing import NamedTuple

import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.model import DECODER_KEY
from desktop_app.graph.operators import MICROSOFT, operators

PASS_ON = operators(
    "Identity Cast Transpose Reshape Squeeze Unsqueeze DequantizeLinear QuantizeLinear Quant FloatQuant"
)
"""Operators between a stored weight and the node that multiplies by it."""

MAX_HOPS = 16

PACKED: Mapping[int, tuple[int, int]] = {6: (3, 4), 4: (1, 2), 2: (1, 4)}
"""Bits of numbers that share bytes: how many bytes, and how many numbers are in these."""

FLOATS = frozenset(
    {ir.DataType.FLOAT, ir.DataType.FLOAT16, ir.DataType.BFLOAT16, ir.DataType.DOUBLE}
    | {ir.DataType.FLOAT8E4M3FN, ir.DataType.FLOAT8E5M2}
)


class Slots(NamedTuple):
    """Where an operator takes its weight.

    Attributes:
        weight: Input of the weight.
        scales: Inputs that say how the weight or the activations are quantised, and are no parameters.
        output: The weight's axis of output channels; None where it has none of its own.
        input: The weight's axis of input channels.
        kernel: Whether the axes after the second are a kernel.
    """

    weight: int
    scales: tuple[int, ...] = ()
    output: int | None = None
    input: int | None = None
    kernel: bool = False


class Weight(NamedTuple):
    """A stored weight.

    Attributes:
        value: The initializer, or the output of the Constant node.
        tensor: Its tensor.
        path: The nodes between it and the layer's node, nearest to the layer first.
        overridable: Whether it is an input too, so that a caller may replace it.
    """

    value: ir.Value
    tensor: ir.TensorProtocol
    path: tuple[ir.Node, ...] = ()
    overridable: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """As the node sees it but for transpositions: a packed weight is stored flat and reshaped."""
        for node in self.path:
            shape = array_of(node.inputs[1]) if node.op_type == "Reshape" and len(node.inputs) > 1 else None
            if shape is not None and shape.size and shape.min() > 0:
                return tuple(shape.tolist())
        return tuple(self.tensor.shape.numpy())

    @property
    def bits(self) -> int:
        """Bits that store one element; several may share one of the tensor."""
        count = prod(self.shape)
        if not self.decoded or self.tensor.dtype != ir.DataType.UINT8 or self.tensor.size >= count:
            return self.tensor.dtype.bitwidth
        sizes = {bits: width * ceil(count / each) for bits, (width, each) in PACKED.items()}
        return next((bits for bits, size in sizes.items() if size == self.tensor.size), self.tensor.dtype.bitwidth)

    @property
    def decoded(self) -> bool:
        """Whether nodes turn the stored numbers into floats."""
        return any(node.op_type == "DequantizeLinear" or DECODER_KEY in node.metadata_props for node in self.path)


_CONV = Slots(1, (), 0, 1, True)
_MATRIX = Slots(1, (), -1, -2)

STANDARD: Mapping[str, Slots] = {
    "Conv": _CONV,
    "ConvInteger": Slots(1, (2, 3), 0, 1, True),
    "ConvTranspose": Slots(1, (), 1, 0, True),
    "DeformConv": _CONV,
    "Gather": Slots(0),
    "Gemm": _MATRIX,
    "GRU": Slots(1),
    "LSTM": Slots(1),
    "MatMul": _MATRIX,
    "MatMulInteger": Slots(1, (2, 3), -1, -2),
    "QLinearConv": Slots(3, (1, 2, 4, 5, 6, 7), 0, 1, True),
    "QLinearMatMul": Slots(3, (1, 2, 4, 5, 6, 7), -1, -2),
    "RNN": Slots(1),
}

CONTRIBUTED: Mapping[str, Slots] = {
    "Attention": Slots(1),
    "DynamicQuantizeLSTM": Slots(1, (8, 9, 10, 11)),
    "DynamicQuantizeMatMul": Slots(1, (2, 3), -1, -2),
    "EmbedLayerNormalization": Slots(2),
    "FusedConv": _CONV,
    "FusedGemm": _MATRIX,
    "FusedMatMul": _MATRIX,
    "MatMulIntegerToFloat": Slots(1, (2, 3, 4, 5), -1, -2),
    "MatMulNBits": Slots(1, (2, 3, 4), 0, 1),
    "PackedAttention": Slots(1),
    "QAttention": Slots(1, (3, 4, 6, 7)),
    "QGemm": Slots(3, (1, 2, 4, 5, 7, 8), -1, -2),
}


def slots_of(node: ir.Node) -> Slots | None:
    """Where `node` owns a weight; None for nodes that own none. Its operand may yet turn out not to be constant."""
    if DECODER_KEY in node.metadata_props:
        return None
    if not node.domain:
        slots = STANDARD.get(node.op_type)
        if node.op_type == "Gather":
            return slots if _is_embedding(node) else None
        if node.op_type == "MatMul" and trace(node.inputs[1]) is None:
            return Slots(0, (), -2, -1)
        return _einsum(node) if node.op_type == "Einsum" else slots
    if node.domain == MICROSOFT and node.op_type in CONTRIBUTED:
        return CONTRIBUTED[node.op_type]
    return None if node.op_type in PASS_ON else _largest_operand(node)


def owned_weight(node: ir.Node, slots: Slots) -> Weight | None:
    """The constant at the node's weight input; None where that is computed."""
    return trace(node.inputs[slots.weight]) if slots.weight < len(node.inputs) else None


def trace(value: ir.Value | None) -> Weight | None:
    """Follows a value back to the constant that it is made from alone; None where there is none."""
    path: list[ir.Node] = []
    while value is not None and len(path) < MAX_HOPS:
        if value.const_value is not None and value.is_initializer():
            return Weight(value, value.const_value, tuple(path), value.is_graph_input())
        node = value.producer()
        if node is None:
            return None
        tensor = tensor_of(value)
        if tensor is not None:
            return Weight(value, tensor, tuple(path))
        if not node.inputs or (node.op_type not in PASS_ON and DECODER_KEY not in node.metadata_props):
            return None
        path.append(node)
        value = node.inputs[_followed(node)]
    return None


def _followed(node: ir.Node) -> int:
    """The input by which the weight comes."""
    index = node.metadata_props.get(DECODER_KEY, "0")
    return int(index) if index.isdecimal() and int(index) < len(node.inputs) else 0


def _is_embedding(node: ir.Node) -> bool:
    """A table of floats in which rows are looked up; other Gathers read shapes."""
    table = trace(node.inputs[0]) if node.inputs else None
    if table is None or len(table.shape) != 2:
        return False
    return table.tensor.dtype in FLOATS or table.decoded


def _einsum(node: ir.Node) -> Slots | None:
    constants = [index for index, value in enumerate(node.inputs) if trace(value) is not None]
    return Slots(constants[0]) if constants and len(constants) < len(node.inputs) else None


def _largest_operand(node: ir.Node) -> Slots | None:
    """For an operator that is not known: its largest constant, if that is a matrix at least."""
    sizes = {
        index: weight.tensor.size
        for index, value in enumerate(node.inputs)
        if (weight := trace(value)) is not None and len(weight.shape) > 1
    }
    return Slots(max(sizes, key=lambda index: sizes[index])) if sizes else None
