"""Attention in one operator: heads are cut as a whole, for the scores of a head mix all that it has."""

import numpy as np
import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.trace import Trace, Unfollowed, describe

BATCH, LENGTH = 0, 1

PARAMETER_INPUTS = 4
"""Query, key, value and bias of MultiHeadAttention; those after it are masks and what was kept of earlier calls."""


def attention(node: ir.Node, trace: Trace) -> list[Axes]:
    """Attention: input (batch, length, read) times weight (read, 3 * heads * size): queries, keys, then values."""
    data, weight = trace.axes_of(node.inputs[0]), trace.axes_of(node.inputs[1])
    heads = _heads(node, trace)
    if weight[1] is None:
        raise Unfollowed("whose weight has no columns")
    trace.join(data[2], weight[0])
    stated = node.attributes.get_ints("qkv_hidden_sizes") or [weight[1].size // 3] * 3
    parts = [_of_heads(heads, size) for size in stated]
    if sum(stated) != weight[1].size:
        raise Unfollowed("whose sizes do not fit")
    trace.join(np.concatenate(parts), weight[1])
    if trace.input(2) is not None:
        trace.join(np.concatenate(parts), trace.axes_of(trace.input(2))[0])
    if "qkv_hidden_sizes" in node.attributes:
        for index, part in enumerate(parts):
            trace.follow_attribute("qkv_hidden_sizes", index, part)
    _join_others(node, heads, 3, trace)
    present = (None, data[BATCH], heads, None, None)
    return [(data[BATCH], data[LENGTH], parts[2]), present][: len(node.outputs)]


def multi_head_attention(node: ir.Node, trace: Trace) -> list[Axes]:
    """MultiHeadAttention: query, key and value (batch, length, heads * size), or (batch, heads, length, size)."""
    heads = _heads(node, trace)
    query, key, value = (trace.axes_of(trace.input(i)) if trace.input(i) is not None else () for i in range(3))
    if len(query) != 3 or len(key) not in (3, 4) or len(value) != len(key):
        raise Unfollowed("whose queries, keys and values come packed")
    widths = [_joined(axes, heads, trace.input(i), trace) for i, axes in enumerate((query, key, value))]
    bias = trace.input(3)
    if bias is not None:
        trace.join(np.concatenate([_of_heads(heads, width) for width in widths]), trace.axes_of(bias)[0])
    _join_others(node, heads, PARAMETER_INPUTS, trace)
    present = (query[BATCH], heads, None, None)
    return [(query[BATCH], query[LENGTH], _of_heads(heads, widths[2])), present, present][: len(node.outputs)]


def _heads(node: ir.Node, trace: Trace) -> np.ndarray:
    """New labels for the heads, whose number the node states."""
    heads = trace.labels.fresh(node.attributes["num_heads"].as_int())
    trace.follow_attribute("num_heads", 0, heads)
    return heads


def _of_heads(heads: np.ndarray, width: int) -> np.ndarray:
    """The labels of an axis that holds the heads one after the other."""
    if width % heads.size:
        raise Unfollowed("whose heads do not fit")
    return np.repeat(heads, width // heads.size)


def _joined(axes: Axes, heads: np.ndarray, value: ir.Value | None, trace: Trace) -> int:
    """Joins the heads of queries, keys or values; gives the elements of all heads together."""
    if len(axes) == 4:
        trace.join(heads, axes[1])
        return heads.size * trace.size_of(value, 3)
    width = trace.size_of(value, 2)
    if width < 1:
        raise Unfollowed("where a size is not known")
    trace.join(_of_heads(heads, width), axes[2])
    return width


def _join_others(node: ir.Node, heads: np.ndarray, first: int, trace: Trace) -> None:
    """Masks and states that go along the heads come from elsewhere: they stay as they are, and so do the heads."""
    for value in node.inputs[first:]:
        if value is None:
            continue
        shape = trace.shape_of(value)
        if len(shape) >= 4 and heads.size > 1 and heads.size in shape[1:3]:
            trace.pin(heads, f"goes along with {value.name} of {describe(node)}")
        trace.pin_value(value, f"is read by {describe(node)}")
