"""Which layers can run in 8 bits, and why the others cannot."""

from dataclasses import dataclass
from math import prod

import numpy as np
import onnx_ir as ir

from desktop_app.core.layer import Layer
from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.model import Model

OPERATORS = ("Conv", "Gemm", "MatMul")
STANDARD = ("", "ai.onnx")


@dataclass(frozen=True)
class LayerWeights:
    """The constants of a layer.

    Attributes:
        weight: Float weights as stored.
        bias: (channels,); None where the layer has none.
        axis: The weight's axis of output channels.
        packed: Its other axes in the order in which the kernel packs them; a convolution works channels-last.
        pairs: Whether neighbouring products are added in 16 bits; a depthwise kernel adds each in 32.
    """

    weight: np.ndarray
    bias: np.ndarray | None
    axis: int
    packed: tuple[int, ...]
    pairs: bool


def refusal(model: Model, layer: Layer) -> str:
    """Why the layer cannot run in 8 bits; empty where it can. Does not read the weights."""
    try:
        node = model.node(layer.name)
    except KeyError:
        return "it lies inside a subgraph"
    if node.domain not in STANDARD or node.op_type not in OPERATORS:
        return f"ONNX Runtime has no 8-bit kernel for {node.op_type}"
    weight = node.inputs[1] if len(node.inputs) > 1 else None
    tensor = tensor_of(weight)
    if weight is not None and _comes_from(weight, "DequantizeLinear"):
        return "its weight is quantised already"
    if tensor is None:
        return "its weight is not a constant"
    if tensor.dtype != ir.DataType.FLOAT:
        return f"its weight is stored as {tensor.dtype.name.lower()}, not as 32-bit float"
    if not all(tensor.shape.numpy()):
        return "its weight is empty"
    if node.op_type == "MatMul" and len(tensor.shape) != 2:
        return "its weight is no matrix"
    if node.op_type == "Gemm" and _integer(node, "transA"):
        return "it transposes its input"
    return _bias_refusal(node, tensor)


def weights_refusal(weights: LayerWeights) -> str:
    """Why these weights cannot be rounded; empty where they can."""
    if not np.isfinite(weights.weight).all() or (weights.bias is not None and not np.isfinite(weights.bias).all()):
        return "its weights are not all finite"
    return ""


def read_weights(node: ir.Node) -> LayerWeights:
    """The constants of a layer that was not refused, alpha and beta of a Gemm multiplied in."""
    weight = array_of(node.inputs[1])
    if weight is None:
        raise ValueError(f"{node.name} has no constant weight")
    bias = array_of(node.inputs[2]) if len(node.inputs) > 2 and node.op_type != "MatMul" else None
    if node.op_type == "Conv":
        depthwise = weight.shape[1] == 1 and _integer(node, "group", 1) == weight.shape[0]
        return LayerWeights(weight, bias, 0, (*range(2, weight.ndim), 1), not depthwise)
    if node.op_type == "Gemm":
        axis = 0 if _integer(node, "transB") else 1
        weight = weight * np.float32(_real(node, "alpha"))
        if bias is not None:
            bias = np.broadcast_to(bias.reshape(-1) * np.float32(_real(node, "beta")), weight.shape[axis])
        return LayerWeights(weight, bias, axis, (1 - axis,), True)
    return LayerWeights(weight, None, 1, (0,), True)


def _bias_refusal(node: ir.Node, weight: ir.TensorProtocol) -> str:
    bias = node.inputs[2] if len(node.inputs) > 2 and node.op_type != "MatMul" else None
    if bias is None:
        return ""
    tensor = tensor_of(bias)
    if tensor is None:
        return "its bias is not a constant"
    if node.op_type == "Gemm":
        columns = weight.shape[0 if _integer(node, "transB") else 1]
        if prod(tensor.shape.numpy()) not in (1, columns) or (len(tensor.shape) > 1 and tensor.shape[0] != 1):
            return "its bias is no vector of one value for each output"
    return ""


def _comes_from(value: ir.Value, op_type: str) -> bool:
    producer = value.producer()
    return producer is not None and producer.op_type == op_type


def _integer(node: ir.Node, name: str, default: int = 0) -> int:
    return node.attributes.get_int(name, default)


def _real(node: ir.Node, name: str) -> float:
    return node.attributes.get_float(name, 1.0)
