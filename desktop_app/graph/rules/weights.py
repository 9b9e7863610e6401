"""Operators that multiply by weights: their output axis makes channels, their input axis reads them."""

from math import prod
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import tensor_of
from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.broadcast import broadcast_axes, meet
from desktop_app.graph.rules.trace import Trace, Unfollowed

_SAME_AXES = {"Identity", "Cast", "DequantizeLinear"}


class WeightAxes(NamedTuple):
    """Where the weight of a layer is: the constant's name, and its axes of output and input channels."""

    constant: str
    output: int
    input: int


def weight_axes(node: ir.Node) -> WeightAxes | None:
    """The weight of a layer that makes channels; None for nodes of other kinds or with computed weights."""
    if node.domain not in ("", "ai.onnx") or len(node.inputs) < 2:
        return None
    rank = -1
    if node.op_type == "Conv":
        output, inputs = 0, 1
    elif node.op_type == "ConvTranspose":
        output, inputs = 1, 0
    elif node.op_type == "Gemm":
        output, inputs = (0, 1) if node.attributes.get_int("transB", 0) else (1, 0)
    elif node.op_type == "MatMul":
        if _source(node.inputs[1]) is not None:
            output, inputs, rank = -1, -2, 2
        else:
            return _stored(node.inputs[0], -2, -1, 2)
    else:
        return None
    return _stored(node.inputs[1], output, inputs, rank)


def _stored(value: ir.Value | None, output: int, inputs: int, least_rank: int) -> WeightAxes | None:
    """Follows a weight back to its constant; the axes are those of the constant."""
    source = _source(value)
    if source is None:
        return None
    constant, permutation = source
    rank = len(tensor_of(constant).shape)  # type: ignore[union-attr]
    if rank < max(least_rank, 2):
        return None
    order = permutation or tuple(range(rank))
    return WeightAxes(constant.name or "", order[output], order[inputs])


def _source(value: ir.Value | None) -> tuple[ir.Value, tuple[int, ...]] | None:
    """The constant behind a value through operators that keep or permute its axes, and the permutation (or none)."""
    permutation: tuple[int, ...] = ()
    while value is not None and tensor_of(value) is None:
        node = value.producer()
        if node is None or not node.inputs:
            return None
        if node.op_type == "Transpose" and not permutation and "perm" in node.attributes:
            permutation = tuple(node.attributes["perm"].as_ints())
        elif node.op_type not in _SAME_AXES:
            return None
        value = node.inputs[0]
    return None if value is None else (value, permutation)


def conv(node: ir.Node, trace: Trace) -> list[Axes]:
    """Conv: input (N, C, ...), weight (O, C / group, ...), bias (O); depthwise where C = group."""
    data, weight = trace.axes_of(node.inputs[0]), trace.axes_of(node.inputs[1])
    groups = node.attributes.get_int("group", 1)
    read, made = data[1], weight[0]
    if groups == 1:
        trace.join(read, weight[1])
    elif trace.size_of(node.inputs[1], 1) == 1:
        made = _depthwise(read, made, groups, trace)
    else:
        made = _grouped(read, weight[1], made, groups, trace)
    _spatial(data, weight, trace)
    _bias(made, trace)
    return [(data[0], made, *(None for _ in data[2:]))]


def _depthwise(read: np.ndarray | None, made: np.ndarray | None, groups: int, trace: Trace) -> np.ndarray | None:
    """Every input channel makes `multiplier` outputs, which go with it."""
    if read is None or made is None or read.size != groups or made.size % groups:
        trace.join(read, None)
        return trace.join(made, None)
    trace.labels.join(np.repeat(read, made.size // groups), made)
    trace.follow_attribute("group", 0, read)
    return made


def _grouped(
    read: np.ndarray | None, row: np.ndarray | None, made: np.ndarray | None, groups: int, trace: Trace
) -> np.ndarray | None:
    """All groups keep one width: channels of equal position in their groups go together."""
    trace.join(read, None if row is None else np.tile(row, groups))
    if made is not None and made.size % groups == 0:
        trace.join_rows(made.reshape(groups, -1).T)
        return made
    return trace.join(made, None)


def conv_transpose(node: ir.Node, trace: Trace) -> list[Axes]:
    """ConvTranspose: input (N, C, ...), weight (C, O / group, ...), bias (O)."""
    data, weight = trace.axes_of(node.inputs[0]), trace.axes_of(node.inputs[1])
    groups = node.attributes.get_int("group", 1)
    read, made = trace.join(data[1], weight[0]), weight[1]
    if groups > 1 and read is not None and read.size == groups:
        trace.pin(made, "is one of several outputs of each channel of a depthwise ConvTranspose")
        trace.follow_attribute("group", 0, read)
        made = np.repeat(read, 1 if made is None else made.size)
    elif groups > 1:
        if read is not None and read.size % groups == 0:
            trace.join_rows(read.reshape(groups, -1).T)
        else:
            trace.join(read, None)
        made = None if made is None else np.tile(made, groups)
    _spatial(data, weight, trace)
    _bias(made, trace)
    return [(data[0], made, *(None for _ in data[2:]))]


def _spatial(data: Axes, weight: Axes, trace: Trace) -> None:
    """Positions of an image cannot be cut."""
    for labels in (*data[2:], *weight[2:]):
        trace.pin(labels, "lies along a spatial axis of a convolution")


def _bias(made: np.ndarray | None, trace: Trace) -> None:
    if trace.input(2) is not None:
        trace.join(made, trace.axes_of(trace.input(2))[0])


def gemm(node: ir.Node, trace: Trace) -> list[Axes]:
    """Gemm: (M, K) x (K, N) + C, each of the first two perhaps transposed."""
    left, right = trace.axes_of(node.inputs[0]), trace.axes_of(node.inputs[1])
    if len(left) != 2 or len(right) != 2:
        raise Unfollowed("which is given other than matrices")
    rows, read = left[::-1] if node.attributes.get_int("transA", 0) else left
    depth, made = right[::-1] if node.attributes.get_int("transB", 0) else right
    trace.join(read, depth)
    bias = trace.input(2)
    if bias is not None and prod(trace.shape_of(bias)) != 1:
        axes = trace.axes_of(bias)
        made = meet([(made, -1), (axes[-1], trace.size_of(bias, -1))], trace)
        if len(axes) > 1:
            rows = meet([(rows, -1), (axes[-2], trace.size_of(bias, -2))], trace)
    return [(rows, made)]


def matmul(node: ir.Node, trace: Trace) -> list[Axes]:
    """MatMul: (..., M, K) x (..., K, N); vectors lose the axis that numpy.matmul adds to them."""
    left, right = trace.axes_of(node.inputs[0]), trace.axes_of(node.inputs[1])
    trace.join(left[-1], right[-2] if len(right) > 1 else right[-1])
    batch = broadcast_axes([(node.inputs[0], left[:-2]), (node.inputs[1], right[:-2])], trace)
    rows = left[-2:-1]
    columns = right[-1:] if len(right) > 1 else ()
    return [(*batch, *rows, *columns)]
