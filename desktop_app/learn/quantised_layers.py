"""The layers of a model in 8-bit integers, as training sees them: which constants are theirs, on which grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model

OPERATORS = ("Conv", "Gemm", "MatMul")
BYTE = 8


@dataclass(frozen=True)
class QuantisedBias:
    """Names of a layer's stored 32-bit bias, of its scales, and of the value that its node reads."""

    stored: str
    scales: str
    read: str


@dataclass(frozen=True)
class QuantisedLayer:
    """A layer whose weight lies as s8 behind DequantizeLinear, one scale for each output channel, no zero points.

    Attributes:
        name: Of its node.
        stored: Of the integers.
        scales: Of their scales.
        read: Of the value that the node reads.
        axis: The weight's axis of output channels.
        low: The smallest integer.
        high: The largest.
        pairs: (K,), the inputs of a channel, numbered as `numpy.moveaxis(weight, axis, 0)` stores them, in the order in
            which a processor without VNNI adds neighbours in 16 bits; None where nothing can overflow.
        input_scale: Of the scale of what the layer reads.
        bias: None where it has none, or adds it in float.
    """

    name: str
    stored: str
    scales: str
    read: str
    axis: int
    low: int
    high: int
    pairs: np.ndarray | None
    input_scale: str
    bias: QuantisedBias | None


def quantised_layers(
    model: Model, bits: Mapping[str, int], *, pair_safe: bool
) -> tuple[dict[str, QuantisedLayer], dict[str, str]]:
    """The named layers by name, and why others of them cannot be trained as integers.

    Args:
        model: With QuantizeLinear and DequantizeLinear.
        bits: Layer name to the bits in which a weight is to be held: 8 or fewer.
        pair_safe: Whether processors without VNNI must compute the layers exactly.
    """
    found: dict[str, QuantisedLayer] = {}
    reasons: dict[str, str] = {}
    for name, own in bits.items():
        layer = _read(model, name, own, pair_safe)
        if isinstance(layer, str):
            reasons[name] = layer
        else:
            found[name] = layer
    return found, reasons


def _read(model: Model, name: str, bits: int, pair_safe: bool) -> QuantisedLayer | str:
    try:
        node = model.node(name)
    except KeyError:
        return "it lies inside a subgraph"
    if node.domain not in ("", "ai.onnx") or node.op_type not in OPERATORS:
        return f"{node.op_type} is not computed in 8 bits"
    weight, data = _dequantize(node, 1), _dequantize(node, 0)
    if weight is None or data is None:
        return "it does not read integers"
    stored, scales, zeros = (array_of(value) for value in (*weight.inputs, None)[:3])
    if stored is None or scales is None or stored.dtype != np.int8 or (zeros is not None and zeros.any()):
        return "its weight is not stored as signed integers around 0"
    scale = array_of(data.inputs[1])
    if scale is None or scale.size != 1:
        return "what it reads has no single scale"
    axis = weight.attributes.get_int("axis", 1) % stored.ndim
    if scales.shape != (stored.shape[axis],):
        return "its weight has no scale for each output channel"
    bias = _bias(node)
    if isinstance(bias, str):
        return bias
    low, high = (-127, 127) if bits == BYTE else (-(1 << bits - 1), (1 << bits - 1) - 1)
    pairs = _pairs(node, stored, axis) if pair_safe and bits == BYTE else None
    return QuantisedLayer(
        name, _input(weight, 0), _input(weight, 1), _input(node, 1), axis, low, high, pairs, _input(data, 1), bias
    )


def _bias(node: ir.Node) -> QuantisedBias | str | None:
    if len(node.inputs) < 3 or node.inputs[2] is None:
        return None
    dequantize = _dequantize(node, 2)
    stored = None if dequantize is None else array_of(dequantize.inputs[0])
    if dequantize is None or stored is None or stored.dtype != np.int32 or stored.ndim != 1:
        return "its bias is not stored as 32-bit integers"
    return QuantisedBias(_input(dequantize, 0), _input(dequantize, 1), _input(node, 2))


def _pairs(node: ir.Node, stored: np.ndarray, axis: int) -> np.ndarray | None:
    """A convolution works channels-last; a depthwise kernel adds each product in 32 bits."""
    rows = np.moveaxis(stored, axis, 0)
    numbers = np.arange(prod(rows.shape[1:])).reshape(rows.shape[1:])
    if node.op_type == "Conv":
        if stored.shape[1] == 1 and node.attributes.get_int("group", 1) == stored.shape[0]:
            return None
        numbers = np.moveaxis(numbers, 0, -1)
    return numbers.reshape(-1)


def _dequantize(node: ir.Node, index: int) -> ir.Node | None:
    value = node.inputs[index] if index < len(node.inputs) else None
    producer = None if value is None else value.producer()
    return producer if producer is not None and producer.op_type == "DequantizeLinear" else None


def _input(node: ir.Node, index: int) -> str:
    value = node.inputs[index]
    return "" if value is None else value.name or ""
