"""Batch normalisation, and other scalings per channel, folded into the layer before them.

With y = f * x + s per channel, a layer x = W u + b becomes y = (f W) u + (f b + s): exact but for rounding, which is
done once, from double precision.
"""

from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.graph.rewriting import add_constant, bypass, replace_constant

PRECISE = (ir.DataType.FLOAT, ir.DataType.DOUBLE)
"""Half precision is not folded: the weight would be rounded once more."""

FIRST_INFERENCE_NORM = 7
"""Until then batch normalisation had an attribute that turned training off, and training was the default."""


class Affine(NamedTuple):
    """y = factor * x + shift, each of shape (channels,)."""

    factor: np.ndarray
    shift: np.ndarray


def fold_norms(model: Model, copy: ir.Graph, locked: Set[str] = frozenset()) -> list[str]:
    """Folds what can be folded in `copy`; gives the names of the layers that were changed, in execution order.

    Args:
        model: The model before anything was changed; its shapes are those of the copy.
        copy: The main graph of the copy, in which constants are initializers.
        locked: Names of layers to leave as they are.
    """
    changed = []
    for node in copy:
        if node.domain or node.op_type not in TARGETS or node.name in locked:
            continue
        while _fold_next(node, model):
            if node.name not in changed:
                changed.append(node.name or "")
    return changed


def _fold_next(node: ir.Node, model: Model) -> bool:
    """Folds the only reader of a layer's output into the layer."""
    target = TARGETS[node.op_type]
    weight = _own_weight(node)
    last = _bias_node(node, weight) if node.op_type == "MatMul" else node
    reader = _only_reader(last.outputs[0])
    shape = model.shapes.get(node.outputs[0].name or "", ())
    if weight is None or reader is None or (target.rank and len(shape) != target.rank) or len(shape) < 2:
        return False
    channels = shape[1]
    affine = _affine(reader, last.outputs[0], channels, len(shape), model.opset)
    bias = _bias(node, last, channels)
    if affine is None or bias is None or (last is node and node.op_type == "MatMul"):
        return False
    array = array_of(weight)
    if array is None or not target.applies(node):
        return False
    scaled = target.scale(node, array.astype(np.float64), affine.factor).astype(array.dtype)
    shifted = (affine.factor * bias + affine.shift).astype(array.dtype)
    if not (np.isfinite(scaled).all() and np.isfinite(shifted).all()) or not bypass(reader, last.outputs[0]):
        return False
    replace_constant(weight, scaled)
    _set_bias(node, last, shifted)
    return True


def _own_weight(node: ir.Node) -> ir.Value | None:
    """The layer's weight, if it is a precise constant that nobody else reads."""
    weight = node.inputs[1] if len(node.inputs) > 1 else None
    if weight is None or not weight.is_initializer() or array_of(weight) is None or len(weight.uses()) != 1:
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
    bias = array_of(_other_input(reader, node.outputs[0]))
    columns = weight.shape[-1] if weight.shape is not None else 0
    return reader if bias is not None and bias.shape in ((columns,), (1, columns)) else node


def _other_input(node: ir.Node, value: ir.Value) -> ir.Value | None:
    left, right = node.inputs
    return right if left is value else left


def _bias(node: ir.Node, last: ir.Node, channels: int) -> np.ndarray | None:
    """The layer's bias in double precision, zeros where it has none; None where it is computed."""
    value = _other_input(last, node.outputs[0]) if last is not node else _third(node)
    if value is None:
        return np.zeros(channels)
    array = array_of(value)
    if array is None or array.size not in (1, channels) or max(array.shape, default=1) != array.size:
        return None
    return np.broadcast_to(array.reshape(-1), (channels,)).astype(np.float64)


def _third(node: ir.Node) -> ir.Value | None:
    return node.inputs[2] if len(node.inputs) > 2 else None


def _set_bias(node: ir.Node, last: ir.Node, array: np.ndarray) -> None:
    """Stores the bias in an initializer of its own, named after the layer's output, which is unique."""
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
    last.replace_input_with(index, add_constant(graph, _free_name(graph, f"{node.name}.bias"), array))


def _free_name(graph: ir.Graph, base: str) -> str:
    taken = {value.name for inner in (graph, *graph.subgraphs()) for node in inner for value in node.outputs}
    taken.update(graph.initializers, (value.name for value in graph.inputs))
    name = base
    while name in taken:
        name += "_folded"
    return name


def _affine(node: ir.Node, value: ir.Value, channels: int, rank: int, opset: int) -> Affine | None:
    """What a node does to `value` per channel; None where it does something else."""
    if node.domain:
        return None
    if node.op_type == "BatchNormalization":
        return _normalisation(node, value, channels, opset)
    if node.op_type not in ("Mul", "Add", "Sub", "Div") or len(node.inputs) != 2 or opset < FIRST_INFERENCE_NORM:
        return None
    constant = array_of(_other_input(node, value))
    if constant is None or node.inputs[0] is node.inputs[1] or constant.dtype.kind != "f" or rank == 2 < constant.ndim:
        return None
    if constant.ndim > rank or (1,) * (rank - constant.ndim) + constant.shape not in _row_shapes(channels, rank):
        return None
    row = np.broadcast_to(constant.reshape(-1), (channels,)).astype(np.float64)
    first = node.inputs[0] is value
    return ARITHMETIC[node.op_type](row) if first or node.op_type in ("Mul", "Add") else None


def _row_shapes(channels: int, rank: int) -> tuple[tuple[int, ...], ...]:
    return (1,) * rank, (1, channels) + (1,) * (rank - 2)


def _normalisation(node: ir.Node, value: ir.Value, channels: int, opset: int) -> Affine | None:
    """Batch normalisation in inference: f = scale / sqrt(variance + epsilon), s = bias - f * mean."""
    arrays = [array_of(one) for one in node.inputs[1:5]]
    training = node.attributes.get_int("training_mode", 0) or not node.attributes.get_int("spatial", 1)
    if opset < FIRST_INFERENCE_NORM or training or node.inputs[0] is not value or len(arrays) != 4:
        return None
    if any(one is None or one.shape != (channels,) for one in arrays):
        return None
    scale, bias, mean, variance = (one.astype(np.float64) for one in arrays if one is not None)
    spread = variance + node.attributes.get_float("epsilon", 1e-5)
    if not (spread > 0).all():
        return None
    factor = scale / np.sqrt(spread)
    return Affine(factor, bias - factor * mean)


ARITHMETIC: Mapping[str, Callable[[np.ndarray], Affine]] = {
    "Add": lambda row: Affine(np.ones_like(row), row),
    "Div": lambda row: Affine(np.divide(1.0, row, out=np.full_like(row, np.inf), where=row != 0), np.zeros_like(row)),
    "Mul": lambda row: Affine(row, np.zeros_like(row)),
    "Sub": lambda row: Affine(np.ones_like(row), -row),
}


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
