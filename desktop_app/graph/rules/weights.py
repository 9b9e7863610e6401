"""Operators that multiply by weights: their output axis makes channels, their input axis reads them."""

from collections.abc import Sequence
from math import prod

import numpy as np
import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.broadcast import broadcast_axes, meet
from desktop_app.graph.rules.layer_weights import einsum_terms, source_of
from desktop_app.graph.rules.trace import Trace, Unfollowed, describe
from desktop_app.graph.rules.vanish import vanishes


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
    sum_over(read, trace)
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
        trace.pin(made, f"is one of several outputs of each channel of {describe(node)}")
        trace.follow_attribute("group", 0, read)
        made = np.repeat(read, 1 if made is None else made.size)
    elif groups > 1:
        if read is not None and read.size % groups == 0:
            trace.join_rows(read.reshape(groups, -1).T)
        else:
            trace.join(read, None)
        made = None if made is None else np.tile(made, groups)
    sum_over(read, trace)
    _spatial(data, weight, trace)
    _bias(made, trace)
    return [(data[0], made, *(None for _ in data[2:]))]


def _spatial(data: Axes, weight: Axes, trace: Trace) -> None:
    """Positions of an image cannot be cut."""
    for labels in (*data[2:], *weight[2:]):
        trace.pin(labels, f"lies along a spatial axis of {describe(trace.node)}")


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
    sum_over(trace.join(read, depth), trace)
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
    return _matrix_product(node, left, right, trace)


def fused_matmul(node: ir.Node, trace: Trace) -> list[Axes]:
    """FusedMatMul: a MatMul whose operands may be transposed first."""
    left, right = trace.axes_of(node.inputs[0]), trace.axes_of(node.inputs[1])
    if node.attributes.get_int("transBatchA", 0) or node.attributes.get_int("transBatchB", 0):
        raise Unfollowed("which transposes more than matrices")
    if node.attributes.get_int("transA", 0):
        left = (*left[:-2], left[-1], left[-2])
    if node.attributes.get_int("transB", 0):
        right = (*right[:-2], right[-1], right[-2])
    return _matrix_product(node, left, right, trace)


def _matrix_product(node: ir.Node, left: Axes, right: Axes, trace: Trace) -> list[Axes]:
    read = trace.join(left[-1], right[-2] if len(right) > 1 else right[-1])
    sum_over(read, trace)
    batch = broadcast_axes([(node.inputs[0], left[:-2]), (node.inputs[1], right[:-2])], trace)
    rows = left[-2:-1]
    columns = right[-1:] if len(right) > 1 else ()
    return [(*batch, *rows, *columns)]


def sum_over(labels: np.ndarray | None, trace: Trace) -> None:
    """The node sums over channels: with weights, which go with them, or with factors that are computed."""
    factors = trace.node.inputs[:2]
    if all(source_of(value) is None for value in factors):
        need_zero(labels, factors, trace)


def need_zero(labels: np.ndarray | None, operands: Sequence[ir.Value | None], trace: Trace) -> None:
    """Pins channels that are summed over without weights, unless one of the factors vanishes with them."""
    if labels is not None and not any(vanishes(value, trace) for value in operands):
        trace.pin(labels, f"is not zero where its weights are, and is summed over in {describe(trace.node)}")


def einsum(node: ir.Node, trace: Trace) -> list[Axes]:
    """Einsum: axes with the same letter are one; those that the result lacks are summed over."""
    terms, result = einsum_terms(node)
    if any("." in term or len(set(term)) < len(term) for term in (*terms, result)):
        raise Unfollowed("whose equation is not followed")
    axes: dict[str, list[tuple[np.ndarray | None, int]]] = {}
    for term, value in zip(terms, node.inputs, strict=True):
        own = trace.axes_of(value)
        for axis, (letter, labels) in enumerate(zip(term, own, strict=True)):
            axes.setdefault(letter, []).append((labels, trace.size_of(value, axis)))
    met = {letter: meet(found, trace) for letter, found in axes.items()}
    for letter in met.keys() - set(result):
        factors = [value for term, value in zip(terms, node.inputs, strict=True) if letter in term]
        if all(source_of(value) is None for value in factors):
            need_zero(met[letter], factors, trace)
    return [tuple(met[letter] for letter in result)]


def fused_conv(node: ir.Node, trace: Trace) -> list[Axes]:
    """FusedConv: a Conv, plus a fourth input that is added before the activation."""
    (axes,) = conv(node, trace)
    if trace.input(3) is None:
        return [axes]
    pairs = zip(axes, trace.axes_of(node.inputs[3]), strict=True)
    return [tuple(None if a is None and b is None else trace.join(a, b) for a, b in pairs)]
