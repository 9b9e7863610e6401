"""The table of operators whose labels are followed; everything else refuses to be cut."""

from collections.abc import Mapping

import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.operators import MICROSOFT, operators
from desktop_app.graph.rules import attention, broadcast, layout, normalise, recurrent, reshape, weights
from desktop_app.graph.rules.normalise import Rule
from desktop_app.graph.rules.trace import Trace


def constant(node: ir.Node, trace: Trace) -> list[Axes]:
    """Constant: new labels, as for initializers."""
    return [trace.axes_of(node.outputs[0])]


def shape(node: ir.Node, trace: Trace) -> list[Axes]:
    """Shape: its elements are followed elsewhere."""
    return [(None,)]


UNARY = operators(
    "Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh Dropout Elu Erf Exp Floor "
    "Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink "
    "Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu"
)

ELEMENTWISE = operators(
    "Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min "
    "Mod Mul Or PRelu Pow Sub Sum Where Xor"
)

EXPERIMENTAL = operators("Affine ParametricSoftplus ScaledTanh")
"""Left over from the first operator sets, element by element."""

POOLING = operators("AveragePool Crop GlobalAveragePool GlobalLpPool GlobalMaxPool GridSample LpPool MaxPool")

REDUCTIONS = operators(
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare"
)

LAYER_NORMS = operators("LayerNormalization RMSNormalization SimplifiedLayerNormalization")
"""The last is ONNX Runtime's, in the standard domain all the same."""

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(UNARY, broadcast.unary),
    **dict.fromkeys(EXPERIMENTAL, broadcast.unary),
    **dict.fromkeys(ELEMENTWISE, broadcast.elementwise),
    **dict.fromkeys(POOLING, normalise.pool),
    **dict.fromkeys(REDUCTIONS, normalise.reduce),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Hardmax"), normalise.softmax),
    **dict.fromkeys(LAYER_NORMS, normalise.layer_normalization),
    **dict.fromkeys(("GRU", "LSTM", "RNN"), recurrent.recurrent),
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear"), broadcast.quantised),
    **dict.fromkeys(("Resize", "Upsample"), layout.resize),
    "BatchNormalization": normalise.batch_normalization,
    "Concat": layout.concat,
    "Constant": constant,
    "ConstantOfShape": reshape.constant_of_shape,
    "Conv": weights.conv,
    "ConvTranspose": weights.conv_transpose,
    "DepthToSpace": layout.depth_to_space,
    "Einsum": weights.einsum,
    "Expand": reshape.expand,
    "Flatten": reshape.flatten,
    "Gather": layout.gather,
    "Gemm": weights.gemm,
    "GroupNormalization": normalise.group_normalization,
    "InstanceNormalization": normalise.instance_normalization,
    "LRN": normalise.mixing((1,), ""),
    "LpNormalization": normalise.lp_normalization,
    "MatMul": weights.matmul,
    "MeanVarianceNormalization": normalise.mixing((0, 2, 3), "axes"),
    "Pad": layout.pad,
    "MaxRoiPool": normalise.roi_pool,
    "Reshape": reshape.reshape,
    "RoiAlign": normalise.roi_pool,
    "Shape": shape,
    "Slice": layout.slice_,
    "SpaceToDepth": layout.space_to_depth,
    "Split": layout.split,
    "Squeeze": reshape.squeeze,
    "Tile": layout.tile,
    "Transpose": layout.transpose,
    "Unsqueeze": reshape.unsqueeze,
}
"""Operators of the standard domain and how they pass labels on."""


CONTRIBUTED: Mapping[str, Rule] = {
    **dict.fromkeys(("Gelu", "QuickGelu"), broadcast.unary),
    **dict.fromkeys(("BiasGelu", "FastGelu"), broadcast.elementwise),
    **dict.fromkeys(("SkipLayerNormalization", "SkipSimplifiedLayerNormalization"), normalise.skip_layer_normalization),
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear"), broadcast.quantised),
    "Attention": attention.attention,
    "FusedConv": weights.fused_conv,
    "FusedGemm": weights.gemm,
    "FusedMatMul": weights.fused_matmul,
    "MultiHeadAttention": attention.multi_head_attention,
}
"""Those of ONNX Runtime's own operators."""


def rule_for(node: ir.Node) -> Rule | None:
    """The rule for a node's operator; None for operators outside the tables."""
    if node.domain == MICROSOFT:
        return CONTRIBUTED.get(node.op_type)
    return RULES.get(node.op_type) if node.domain in ("", "ai.onnx") else None
