"""Standard operators of equal shape in the place of operators that onnx's shape inference does not know.

They stand only in the copy of the graph that shapes are inferred on; what the stand-in would compute does not matter.
"""

from collections.abc import Callable
from typing import Any

import onnx
from onnx import helper

from desktop_app.graph.operators import MACHINE_LEARNING, MICROSOFT

OLDEST_INFERRED = 8
"""Standard operators older than this have little shape inference; models of opsets below are read as this one."""

StandIn = Callable[[onnx.NodeProto], list[onnx.NodeProto]]


def stand_in(node: onnx.NodeProto, opset: int) -> list[onnx.NodeProto]:
    """The nodes that give `node`'s outputs their shapes: mostly the node itself."""
    if node.domain == MICROSOFT:
        replace = CONTRIBUTED.get(node.op_type)
    elif node.domain in QUANTISER_DOMAINS:
        replace = _same
    elif node.domain == MACHINE_LEARNING:
        replace = TABULAR.get(node.op_type, _nothing)
    elif node.domain:
        replace = None
    elif opset < OLDEST_INFERRED and node.op_type in OLD:
        replace = OLD[node.op_type]
    else:
        replace = UNREGISTERED.get(node.op_type)
    return [node] if replace is None else replace(node)


def _as(op_type: str, *inputs: int, attributes: bool = True) -> StandIn:
    """Another operator on the given inputs of the node, or on all of them, with its attributes or without."""

    def replace(node: onnx.NodeProto) -> list[onnx.NodeProto]:
        names = [node.input[index] for index in inputs if index < len(node.input)] if inputs else list(node.input)
        other = helper.make_node(op_type, names, node.output[:1])
        if attributes:
            other.attribute.extend(node.attribute)
        return [other]

    return replace


_same = _as("Identity", 0, attributes=False)


def _nothing(_: onnx.NodeProto) -> list[onnx.NodeProto]:
    """No node: onnx's inference of some operators ends the process when the type of an input is not known."""
    return []


def _unless_channels_last(op_type: str) -> StandIn:
    """A pooling operator; none where its channels come last."""

    def replace(node: onnx.NodeProto) -> list[onnx.NodeProto]:
        return [node] if _attribute(node, "channels_last", 0) else _as(op_type, 0)(node)

    return replace


def _concat(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Inputs are the output's scale and zero point, then tensor, scale and zero point of each part."""
    return [helper.make_node("Concat", node.input[2::3], node.output[:1], axis=_attribute(node, "axis", 1))]


def _fused_matmul(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    left = "...ki" if _attribute(node, "transA", 0) else "...ik"
    right = "...jk" if _attribute(node, "transB", 0) else "...kj"
    return [helper.make_node("Einsum", node.input[:2], node.output[:1], equation=f"{left},{right}->...ij")]


def _packed_matmul(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """MatMulNBits: the shape of the weight stands in attributes K and N."""
    shape, weight = f"{node.output[0]}__shape", f"{node.output[0]}__weight"
    return [
        helper.make_node("Constant", [], [shape], value_ints=[_attribute(node, "K", 1), _attribute(node, "N", 1)]),
        helper.make_node("ConstantOfShape", [shape], [weight]),
        helper.make_node("MatMul", [node.input[0], weight], node.output[:1]),
    ]


def _old_reshape(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Before opset 5 the target was an attribute."""
    if len(node.input) > 1:
        return [node]
    shape = f"{node.output[0]}__shape"
    return [
        helper.make_node("Constant", [], [shape], value_ints=_attribute(node, "shape", [0, -1])),
        helper.make_node("Reshape", [node.input[0], shape], node.output[:1]),
    ]


def _old_pad(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """In opset 1 the attribute had another name."""
    for attribute in node.attribute:
        if attribute.name == "paddings":
            attribute.name = "pads"
    return [node]


def _crop(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """An experimental operator of the first opsets: border is left, top, right, bottom."""
    left, top, right, bottom = _attribute(node, "border", [0, 0, 0, 0])
    pads = [0, 0, -top, -left, 0, 0, -bottom, -right]
    return [helper.make_node("Pad", node.input[:1], node.output[:1], pads=pads)]


def _old_concat(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Before opset 4 the axis had a default."""
    return [helper.make_node("Concat", node.input, node.output, axis=_attribute(node, "axis", 1))]


def _old_binary(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Before opset 7 only the second operand was broadcast, and only when asked."""
    return _same(node) if _attribute(node, "broadcast", 0) else [node]


def _attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    found = next((attribute for attribute in node.attribute if attribute.name == name), None)
    return default if found is None else helper.get_attribute_value(found)


def _table(operators: str, replace: StandIn) -> dict[str, StandIn]:
    return dict.fromkeys(operators.split(), replace)


CONTRIBUTED: dict[str, StandIn] = {
    **_table("Gelu FastGelu BiasGelu QuickGelu QuantizeLinear DequantizeLinear RotaryEmbedding", _same),
    **_table("SkipLayerNormalization SkipSimplifiedLayerNormalization GroupNorm SkipGroupNorm NhwcMaxPool", _same),
    **_table("Attention QAttention MultiHeadAttention GroupQueryAttention DecoderMaskedMultiHeadAttention", _same),
    **_table("QLinearSoftmax QLinearSigmoid QLinearLeakyRelu QLinearReduceMean", _same),
    **_table("QLinearAdd QLinearMul", _as("Add", 0, 3, attributes=False)),
    **_table("DynamicQuantizeMatMul MatMulIntegerToFloat MatMulInteger16", _as("MatMul", 0, 1, attributes=False)),
    "DynamicQuantizeLSTM": _as("LSTM", 0, 1, 2),
    "EmbedLayerNormalization": _as("Gather", 2, 0, attributes=False),
    "FusedConv": _as("Conv", 0, 1, 2),
    "FusedGemm": _as("Gemm", 0, 1, 2),
    "FusedMatMul": _fused_matmul,
    "MatMulNBits": _packed_matmul,
    "QLinearAveragePool": _unless_channels_last("AveragePool"),
    "QLinearConcat": _concat,
    "QLinearGlobalAveragePool": _unless_channels_last("GlobalAveragePool"),
}

UNREGISTERED: dict[str, StandIn] = {
    **_table("LayerNormalization SimplifiedLayerNormalization ImageScaler", _same),
    **_table("GroupNormalization MeanVarianceNormalization", _same),
    **_table("ParametricSoftplus ScaledTanh Affine Scale", _same),
    "Crop": _crop,
}
"""Operators in the standard domain that are not in the standard, or not in all opsets, or not inferred by onnx."""

QUANTISER_DOMAINS = ("onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general")
"""Their operators quantise their first input, of whatever shape."""

TABULAR: dict[str, StandIn] = _table("Binarizer Imputer Normalizer Scaler", _same)

OLD: dict[str, StandIn] = {
    **_table("BatchNormalization Dropout Cast", _same),
    **_table("Add Sub Mul Div Pow And Or Xor Equal Greater Less PRelu", _old_binary),
    "Concat": _old_concat,
    "Pad": _old_pad,
    "Reshape": _old_reshape,
}


def readable_opset(opset: int) -> int:
    """The version that a copy with stand-ins is read as."""
    newest: int = onnx.defs.onnx_opset_version()
    return min(max(opset, OLDEST_INFERRED), newest)
