"""Nodes that give what they are given."""

from collections.abc import Callable, Mapping

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.model import DECODER_KEY
from desktop_app.graph.rewriting import bypass

FIRST_INFERENCE_DROPOUT = 7
"""Until then Dropout had an attribute that turned training off, and training was the default."""


def remove_no_ops(graph: ir.Graph, opset: int) -> int:
    """Removes the nodes of a graph that change nothing, and says how many."""
    removed = 0
    for node in graph:
        if node.domain or node.op_type not in NO_OPS or DECODER_KEY in node.metadata_props or not node.inputs:
            continue
        if node.inputs[0] is not None and NO_OPS[node.op_type](node, opset):
            removed += bypass(node, node.inputs[0])
    return removed


def _identity(_: ir.Node, __: int) -> bool:
    return True


def _dropout(node: ir.Node, opset: int) -> bool:
    """In inference, and without a reader of the mask."""
    if opset < FIRST_INFERENCE_DROPOUT or any(value.uses() or value.is_graph_output() for value in node.outputs[1:]):
        return False
    training = node.inputs[2] if len(node.inputs) > 2 else None
    return training is None or ((flag := array_of(training)) is not None and not flag.any())


def _cast(node: ir.Node, _: int) -> bool:
    """To the type that its input is of."""
    source = node.inputs[0]
    return source is not None and source.dtype is not None and node.attributes.get_int("to", 0) == int(source.dtype)


def _transpose(node: ir.Node, _: int) -> bool:
    order = node.attributes.get_ints("perm", None)
    return order is not None and list(order) == sorted(order)


def _single(node: ir.Node, _: int) -> bool:
    return len(node.inputs) == 1


def _pad(node: ir.Node, _: int) -> bool:
    """By nothing at all."""
    stored = node.attributes.get_ints("pads", None)
    pads = np.array(stored) if stored is not None else array_of(node.inputs[1]) if len(node.inputs) > 1 else None
    return pads is not None and not pads.any()


NO_OPS: Mapping[str, Callable[[ir.Node, int], bool]] = {
    "Cast": _cast,
    "Concat": _single,
    "Dropout": _dropout,
    "Identity": _identity,
    "Max": _single,
    "Mean": _single,
    "Min": _single,
    "Pad": _pad,
    "Sum": _single,
    "Transpose": _transpose,
}
