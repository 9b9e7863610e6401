"""Batch normalisation, and other scalings per channel, folded into the layer before them.

With y = f * x + s per channel, a layer x = W u + b becomes y = (f W) u + (f b + s): exact but for rounding, which is
done once, from double precision.
"""

from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.model import NORM_SCALE_KEY, Model
from desktop_app.graph.rewriting import add_constant, bypass, replace_constant
from desktop_app.steps.cleaning.affine import affine_of, other_input

PRECISE = (ir.DataType.FLOAT, ir.DataType.DOUBLE)
"""Half precision is not folded: the weight would be rounded once more."""


def fold_norms(model: Model, copy: ir.Graph, locked: Set[str] = frozenset()) -> list[str]:
    """Folds what can be folded in `copy`; gives the names of the layers that were changed, in execution order.

    Args:
        model: The model before anything was changed; its shapes are those of the copy.
        copy: The main graph of the copy, in which constants are initializers.
        locked: Names of layers to leave as they are.
    """
    changed = []
    taken = _names(copy)
    for node in copy:
        if node.domain or node.op_type not in TARGETS or node.name in locked:
            continue
        while _fold_next(node, model, taken):
            if node.name not in changed:
                changed.append(node.name or "")
    return changed


def _fold_next(node: ir.Node, model: Model, taken: set[str]) -> bool:
    """Folds the only reader of a layer's output into the layer."""
    target = TARGETS[node.op_type]
    weight = _own_weight(node)
    last = _bias_node(node, weight) if node.op_type == "MatMul" else node
    reader = _only_reader(last.outputs[0])
    shape = model.shapes.get(node.outputs[0].name or "", ())
    if weight is None or reader is None or (target.rank and len(shape) != target.rank) or len(shape) < 2:
        return False
    channels = shape[1]
    affine = affine_of(reader, last.outputs[0], channels, len(shape), model.opset)
    bias = _bias(node, last, channels)
    if affine is None or bias is None or (last is node and node.op_type == "MatMul"):
        return False
    array = array_of(weight)
    if array is None or not target.applies(node):
        return False
    scale = array_of(reader.inputs[1]) if reader.op_type == "BatchNormalization" else None  # gone once it is bypassed
    with np.errstate(all="ignore"):  # what overflows is seen and refused below
        scaled = target.scale(node, array.astype(np.float64), affine.factor).astype(array.dtype)
        shifted = (affine.factor * bias + affine.shift).astype(array.dtype)
    if not (np.isfinite(scaled).all() and np.isfinite(shifted).all()) or not bypass(reader, last.outputs[0]):
        return False
    if scale is not None:
        node.meta[NORM_SCALE_KEY] = scale
    replace_constant(weight, scaled)
    _set_bias(node, last, shifted, taken)
    return True


def _own_weight(node: ir.Node) -> ir.Value | None:
    """The layer's weight, if it is a precise constant that nobody else reads."""
    weight = node.inputs[1] if len(node.inputs) > 1 else None
    if weight is None or not weight.is_initializer() or array_of(weight) is None or len(weight.uses()) != 1:
        return None
    if weight.is_graph_output():
        return None
    return weight if weight.dtype in PRECISE else None


def _only_reader(value: ir.Value) -> ir.Node | None:
    """The node that alone reads a value, in the same graph."""
    uses = value.uses()
    if len(uses) != 1 or value.is_graph_output():
        return None
    reader = next(iter(uses)).node
    return reader if reader.graph is value.graph else None


def _bias_node(node: ir.Node, weight: ir.Value | None) -> ir.Node:
    """The addition of a constant row behind a MatMul, which is its bias; the MatMul itself where there is none."""
    reader = _only_reader(node.outputs[0])
    if weight is None or reader is None or reader.op_type != "Add" or reader.domain:
        return node
    bias = array_of(other_input(reader, node.outputs[0]))
    columns = weight.shape[-1] if weight.shape is not None else 0
    return reader if bias is not None and bias.shape in ((columns,), (1, columns)) else node


def _bias(node: ir.Node, last: ir.Node, channels: int) -> np.ndarray | None:
    """The layer's bias in double precision, zeros where it has none; None where it is computed."""
    value = other_input(last, node.outputs[0]) if last is not node else _third(node)
    if value is None:
        return np.zeros(channels)
    array = array_of(value)
    if array is None or array.size not in (1, channels) or max(array.shape, default=1) != array.size:
        return None
    return np.broadcast_to(array.reshape(-1), (channels,)).astype(np.float64)


def _third(node: ir.Node) -> ir.Value | None:
    return node.inputs[2] if len(node.inputs) > 2 else None


def _set_bias(node: ir.Node, last: ir.Node, array: np.ndarray, taken: set[str]) -> None:
    """Stores the bias in an initializer of its own; a new one is named after the layer."""
    graph = node.graph
    if graph is None:
        return
    if last is not node:
        index = 1 if last.inputs[0] is node.outputs[0] else 0
    else:
        index = 2
        node.resize_inputs(3)
    old = last.inputs[index]
    if old is not None and old.is_initializer() and len(old.uses()) == 1 and not old.is_graph_output():
        replace_constant(old, array)
        return
    name = f"{node.name}.bias"
    while name in taken:
        name += "_folded"
    taken.add(name)
    last.replace_input_with(index, add_constant(graph, name, array))


def _names(graph: ir.Graph) -> set[str]:
    """Names of all values, those of graphs inside included: they would hide one outside."""
    graphs = (graph, *graph.subgraphs())
    values = (value for one in graphs for value in (*one.inputs, *one.initializers.values()))
    made = (value for one in graphs for node in one for value in node.outputs)
    return {value.name or "" for value in (*values, *made)}


class Target(NamedTuple):
    """A kind of layer into which scalings are folded.

    Attributes:
        scale: The weight with its output channels multiplied by the factors.
        rank: What the output's rank must be; 0 for any.
        applies: Whether the layer's attributes allow it.
    """

    scale: Callable[[ir.Node, np.ndarray, np.ndarray], np.ndarray]
    rank: int = 0
    applies: Callable[[ir.Node], bool] = lambda _: True


def _scale_conv(_: ir.Node, weight: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Weight (O, I / group, ...)."""
    scaled: np.ndarray = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
    return scaled


def _scale_conv_transpose(node: ir.Node, weight: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Weight (I, O / group, ...): the inputs of a group meet the factors of that group's outputs."""
    groups = node.attributes.get_int("group", 1)
    split = weight.reshape(groups, -1, *weight.shape[1:])
    factors = factor.reshape(groups, 1, -1, *[1] * (weight.ndim - 2))
    scaled: np.ndarray = (split * factors).reshape(weight.shape)
    return scaled


def _scale_gemm(node: ir.Node, weight: np.ndarray, factor: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = weight * (factor[:, None] if node.attributes.get_int("transB", 0) else factor)
    return scaled


def _is_plain_gemm(node: ir.Node) -> bool:
    """Whether it computes A B + C, neither product nor bias scaled."""
    return node.attributes.get_float("alpha", 1.0) == 1.0 and node.attributes.get_float("beta", 1.0) == 1.0


TARGETS: Mapping[str, Target] = {
    "Conv": Target(_scale_conv),
    "ConvTranspose": Target(_scale_conv_transpose),
    "Gemm": Target(_scale_gemm, 2, _is_plain_gemm),
    "MatMul": Target(lambda _, weight, factor: weight * factor, 2),
}
