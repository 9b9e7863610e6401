"""Whether a channel is nothing but zeros once all that makes it is zero.

What reads channels with weights of its own does not care: the weights go with the channels. A sum over channels
without weights (a product of queries and keys, a norm, ReduceSum) does: it stays the same only if what goes was zero.
"""

from collections.abc import Callable, Mapping

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.labels import Axes
from desktop_app.graph.operators import operators
from desktop_app.graph.rules.trace import Trace, Unfollowed

ZERO_STAYS = operators(
    "Abs Asin Asinh Atan Atanh AveragePool Cast CastLike Ceil Celu Crop DepthToSpace Dropout Elu Erf Expand"
    " FastGelu Flatten Floor Gather Gelu GlobalAveragePool GlobalLpPool GlobalMaxPool GridSample HardSwish Identity"
    " LeakyRelu LpNormalization LpPool MaxPool MaxRoiPool Mish Neg QuantizeLinear QuickGelu ReduceL1 ReduceL2"
    " ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare Relu Reshape Resize RoiAlign Round Selu Sign Sin"
    " Sinh Slice Softsign SpaceToDepth Split Sqrt Squeeze Swish Tan Tanh Tile Transpose Unsqueeze Upsample"
)
"""Operators that make zeros of zeros in their first input."""

FIRST_COUNTS = operators("Div PRelu")
"""The same, for operators that broadcast their inputs."""

ALL_COUNT = operators("Add BiasGelu Max Mean Min Sub Sum")
"""Operators that make zeros only where all of their inputs are zero."""

MADE = operators("BatchNormalization Conv ConvTranspose FusedConv FusedGemm Gemm InstanceNormalization")
"""Operators whose channels are zero where their parameters are."""


def note_vanishing(node: ir.Node, trace: Trace) -> None:
    """Takes note of whether the results of a node vanish; those of what it reads are known. False when in doubt."""
    for value in node.outputs:
        trace.vanishing[value.name or ""] = _vanishes(node, value, trace)


def vanishes(value: ir.Value | None, trace: Trace) -> bool:
    """Whether each channel on the axes of `value` is zero where the constants that make it are."""
    tensor = tensor_of(value)
    if tensor is not None:
        single_zero = tensor.size == 1 and not np.any(tensor.numpy())
        return single_zero or any(labels is not None for labels in _axes(value, trace))
    return value is not None and trace.vanishing.get(value.name or "", False)


def _vanishes(node: ir.Node, value: ir.Value, trace: Trace) -> bool:
    """The answer for one result of a node."""
    special = SPECIAL.get(node.op_type)
    if special is not None:
        return special(node, trace)
    if node.op_type in MADE:
        axes = _axes(value, trace)
        by_weight = node.op_type.endswith("Normalization") or vanishes(node.inputs[1], trace)
        return by_weight and all(labels is None for i, labels in enumerate(axes) if i != 1) and _linear(node)
    if node.op_type in ALL_COUNT:
        return all(_covers(one, value, trace) for one in node.inputs)
    if node.op_type in FIRST_COUNTS:
        return _covers(node.inputs[0], value, trace)
    return node.op_type in ZERO_STAYS and vanishes(node.inputs[0], trace)


def _linear(node: ir.Node) -> bool:
    """Whether no activation is fused that makes something of nothing."""
    return node.attributes.get_string("activation", "Relu") in ("", "Relu", "Tanh", "LeakyRelu")


def _axes(value: ir.Value | None, trace: Trace) -> Axes:
    try:
        return trace.axes_of(value)
    except Unfollowed:
        return ()


def _covers(operand: ir.Value | None, result: ir.Value, trace: Trace) -> bool:
    """Whether an operand vanishes, and has the channels of the result on the axes that meet when it is broadcast."""
    if not vanishes(operand, trace):
        return False
    own, made = _axes(operand, trace), _axes(result, trace)
    own = (*(None for _ in made[len(own) :]), *own)
    return all(labels is None or own[i] is not None for i, labels in enumerate(made))


def _constant_of_shape(node: ir.Node, trace: Trace) -> bool:
    value = node.attributes.get_tensor("value", None)
    return value is None or not np.any(value.numpy())


def _concat(node: ir.Node, trace: Trace) -> bool:
    return all(vanishes(one, trace) for one in node.inputs)


def _product(node: ir.Node, trace: Trace) -> bool:
    return any(_covers(one, node.outputs[0], trace) for one in node.inputs)


def _where(node: ir.Node, trace: Trace) -> bool:
    return all(_covers(one, node.outputs[0], trace) for one in node.inputs[1:])


def _power(node: ir.Node, trace: Trace) -> bool:
    exponent = array_of(node.inputs[1])
    return exponent is not None and bool(np.all(exponent > 0)) and _covers(node.inputs[0], node.outputs[0], trace)


def _dequantised(node: ir.Node, trace: Trace) -> bool:
    """What was zero before QuantizeLinear is zero again; a stored integer is where its zero point is zero."""
    source = node.inputs[0].producer() if node.inputs[0] is not None else None
    there_and_back = source is not None and source.op_type == "QuantizeLinear"
    zero = array_of(node.inputs[2]) if len(node.inputs) > 2 and node.inputs[2] is not None else np.zeros(1)
    return vanishes(node.inputs[0], trace) and (there_and_back or (zero is not None and not np.any(zero)))


def _clip(node: ir.Node, trace: Trace) -> bool:
    """Zero stays where it lies between the limits."""
    low, high = (array_of(node.inputs[i]) if len(node.inputs) > i else np.zeros(1) for i in (1, 2))
    given = [i for i in (1, 2) if len(node.inputs) > i and node.inputs[i] is not None]
    if any(array_of(node.inputs[i]) is None for i in given):
        return False
    inside = (low is None or bool(np.all(low <= 0))) and (high is None or bool(np.all(high >= 0)))
    stated = node.attributes.get_float("min", 0.0) <= 0 <= node.attributes.get_float("max", 0.0)
    return inside and stated and vanishes(node.inputs[0], trace)


def _pad(node: ir.Node, trace: Trace) -> bool:
    fill = array_of(node.inputs[2]) if len(node.inputs) > 2 and node.inputs[2] is not None else np.zeros(1)
    zero = fill is not None and not np.any(fill) and node.attributes.get_float("value", 0.0) == 0
    return zero and vanishes(node.inputs[0], trace)


def _matmul(node: ir.Node, trace: Trace) -> bool:
    """Each axis vanishes with the operand that it comes from; those that run through both, with either."""
    left, right = node.inputs[0], node.inputs[1]
    rows, columns = _axes(left, trace), _axes(right, trace)
    if len(rows) < 2 or len(columns) < 2:
        return False
    batch = any(labels is not None for labels in (*rows[:-2], *columns[:-2]))
    return (
        (rows[-2] is None or vanishes(left, trace))
        and (columns[-1] is None or vanishes(right, trace))
        and (not batch or vanishes(left, trace) or vanishes(right, trace))
    )


def _recurrent(node: ir.Node, trace: Trace) -> bool:
    """With the usual activations a unit without weights stays in its initial state."""
    names = node.attributes.get_strings("activations") or ()
    if node.op_type == "RNN":
        usual = all(name in ("Tanh", "Relu") for name in names)
    else:
        usual = all(name == "Tanh" for name in names[1 :: 3 if node.op_type == "LSTM" else 2])
    states = [value for value in node.inputs[5:7] if value is not None]
    return usual and all(vanishes(value, trace) for value in states)


SPECIAL: Mapping[str, Callable[[ir.Node, Trace], bool]] = {
    "Clip": _clip,
    "Concat": _concat,
    "ConstantOfShape": _constant_of_shape,
    "DequantizeLinear": _dequantised,
    "FusedMatMul": _matmul,
    "GRU": _recurrent,
    "LSTM": _recurrent,
    "MatMul": _matmul,
    "Mul": _product,
    "Pad": _pad,
    "Pow": _power,
    "RNN": _recurrent,
    "Where": _where,
}
"""Operators that need a closer look."""
