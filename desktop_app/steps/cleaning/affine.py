"""What batch normalisation and arithmetic with constants do to each channel of their input."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of

FIRST_INFERENCE_NORM = 7
"""Until then batch normalisation had an attribute that turned training off, and training was the default."""


class Affine(NamedTuple):
    """y = factor * x + shift, each of shape (channels,)."""

    factor: np.ndarray
    shift: np.ndarray


def affine_of(node: ir.Node, value: ir.Value, channels: int, rank: int, opset: int) -> Affine | None:
    """What a node does to `value` per channel; None where it does something else."""
    if node.domain:
        return None
    if node.op_type == "BatchNormalization":
        return _normalisation(node, value, channels, opset)
    if node.op_type not in ("Mul", "Add", "Sub", "Div") or len(node.inputs) != 2 or opset < FIRST_INFERENCE_NORM:
        return None
    constant = array_of(other_input(node, value))
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


def other_input(node: ir.Node, value: ir.Value) -> ir.Value | None:
    """The operand of a binary operator that is not `value`."""
    left, right = node.inputs
    return right if left is value else left
