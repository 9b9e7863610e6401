"""Weights that are no numbers: told when a model is opened, refused when one is written."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.model import Model

READS_WEIGHTS = frozenset(
    {
        *("Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum", "LSTM", "GRU", "RNN", "Gather", "PRelu"),
        *("BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization"),
        *(
            "QuantizeLinear",
            "DequantizeLinear",
            "MatMulNBits",
            "Attention",
            "MultiHeadAttention",
            "EmbedLayerNormalization",
        ),
        *("QLinearConv", "QLinearMatMul", "DynamicQuantizeMatMul", "FusedConv", "FusedMatMul", "FusedGemm"),
    }
)
"""Operators whose constants are weights. Elsewhere an infinity is at home: masks of attention are full of them."""

PASSES_ON = frozenset({"Cast", "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze"})

CHUNK = 2**22
"""Values that are looked at together; a mapped file is not read into memory as a whole."""


class NonFinite(NamedTuple):
    """A weight that holds NaN or infinity, and the node that reads it."""

    tensor: str
    layer: str


def find_non_finite(model: Model) -> Iterator[NonFinite]:
    """The weights of `model` that hold NaN or infinity, in the order of the graph."""
    for graph in model.ir.graphs():
        for value in graph.initializers.values():
            yield from _reported(value, value.const_value)
        for node in graph:
            if node.op_type == "Constant" and node.domain in ("", "ai.onnx") and "value" in node.attributes:
                yield from _reported(node.outputs[0], node.attributes["value"].value)


def _reported(value: ir.Value, tensor: object) -> Iterator[NonFinite]:
    if isinstance(tensor, ir.TensorProtocol) and not _is_finite(tensor):
        reader = _weight_reader(value)
        if reader is not None:
            yield NonFinite(value.name or "", reader.name or reader.op_type)


def _is_finite(tensor: ir.TensorProtocol) -> bool:
    if tensor.size == 0 or not tensor.dtype.is_floating_point() or tensor.dtype.bitwidth < 8:
        return True
    values = tensor.numpy().reshape(-1)
    return all(np.isfinite(values[start : start + CHUNK]).all() for start in range(0, values.size, CHUNK))


def _weight_reader(value: ir.Value) -> ir.Node | None:
    """The first node that reads the value as a weight, also behind operators that only pass it on."""
    waiting, seen = [value], {value}
    while waiting:
        for node, _ in waiting.pop().uses():
            if node.op_type in READS_WEIGHTS:
                return node
            if node.op_type in PASSES_ON and node.outputs[0] not in seen:
                seen.add(node.outputs[0])
                waiting.append(node.outputs[0])
    return None
