"""Constants where later steps look for them: computed beforehand, and stored as initializers."""

from collections.abc import Iterable
from math import prod

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.folding import FEEDABLE, constant_nodes, evaluate
from desktop_app.graph.model import DECODER_KEY, Model
from desktop_app.graph.operators import operators
from desktop_app.graph.rewriting import add_constant

SMALL_BYTES, SMALL_VECTOR_BYTES = 1024, 16 * 2**10
"""A result up to this size may be larger than what it is computed from; a vector may be a bias of zeros."""

MAX_FOLDED_BYTES = 64 * 2**20
"""Larger results stay computed: the step shall not need much more memory than the model."""

CAST_WIDTH = 64
"""Bits of the largest type, for casts whose type the graph does not tell: they may make a constant larger."""

STORAGE = operators("QuantizeLinear DequantizeLinear")
"""Operators that say how numbers are stored: ONNX Runtime fuses them, and to carry them out would undo that."""


def lift_constants(graph: ir.Graph) -> int:
    """Turns Constant nodes of numbers into initializers of the same name, and says how many."""
    lifted = 0
    for node in graph:
        tensor = tensor_of(node.outputs[0]) if node.op_type == "Constant" and node.outputs else None
        if tensor is None or node.outputs[0].is_graph_output():
            continue
        output = node.outputs[0]
        value = ir.Value(
            name=output.name, type=ir.TensorType(tensor.dtype), shape=ir.Shape(tensor.shape.numpy()), const_value=tensor
        )
        output.replace_all_uses_with(value)
        graph.remove(node, safe=True)
        graph.register_initializer(value)
        lifted += 1
    return lifted


def settle_types(graph: ir.Graph) -> None:
    """Turns CastLike into Cast where the graph tells the type: a constant that is cast then depends on no input."""
    for node in graph:
        if node.op_type != "CastLike" or node.domain or len(node.inputs) != len(("value", "like")):
            continue
        like = node.inputs[1]
        if like is not None and like.dtype is not None:
            node.op_type = "Cast"
            node.attributes["to"] = ir.AttrInt64("to", int(like.dtype))
            node.resize_inputs(1)


def fold_constants(model: Model, copy: ir.Graph) -> int:
    """Puts initializers in the place of nodes that depend on no input, and says how many nodes.

    Layers stay, so that recipes find them. A large result is stored only where what it was computed from goes away,
    so that the file does not grow: a ConstantOfShape stays, a transposed weight is stored transposed.

    Args:
        model: The model before anything was changed; its shapes are those of the copy.
        copy: The main graph of the copy.
    """
    known = [name for name, value in copy.initializers.items() if _is_feedable(value)]
    nodes = constant_nodes(copy, known, _Payoff(model, [copy.initializers[name] for name in known]))
    read = {value.name or "": value for node in nodes for value in node.inputs if value is not None}
    arrays = {name: array for name, value in read.items() if (array := array_of(value)) is not None}
    results = evaluate(nodes, arrays, model.opset)
    return _store(copy, nodes, results) if results else 0


class _Payoff:
    """Decides, node by node in execution order, whether to store a result instead of computing it."""

    def __init__(self, model: Model, constants: Iterable[ir.Value]) -> None:
        self._layers = {layer.name for layer in model.layers}
        self._shapes = model.shapes
        self._computed: set[ir.Node] = set()
        self._widths = {value: value.dtype.bitwidth for value in constants if value.dtype is not None}

    def __call__(self, node: ir.Node) -> bool:
        if node.name in self._layers or node.op_type in STORAGE or DECODER_KEY in node.metadata_props:
            return False
        read = [value for value in node.inputs if value is not None]
        width = CAST_WIDTH if node.op_type == "Cast" else max(self._widths[value] for value in read)
        widths = {value: width if value.dtype is None else value.dtype.bitwidth for value in node.outputs}
        stored = sum(self._bits(value, width) for value, width in widths.items()) / 8
        freed = sum(self._bits(value, self._widths[value]) for value in read if self._goes(value, node)) / 8
        small = SMALL_VECTOR_BYTES if all(self._is_vector(value) for value in widths) else SMALL_BYTES
        if stored > max(small, min(freed, MAX_FOLDED_BYTES)) or any(one.is_graph_output() for one in widths):
            return False
        self._widths.update(widths)
        self._computed.add(node)
        return True

    def _goes(self, value: ir.Value, node: ir.Node) -> bool:
        """Whether nobody reads a constant any more once `node` is computed too."""
        return all(use.node is node or use.node in self._computed for use in value.uses())

    def _is_vector(self, value: ir.Value) -> bool:
        return len(self._shapes.get(value.name or "", ())) == 1

    def _bits(self, value: ir.Value, width: int) -> float:
        """Size of a value; without end where its shape is not known."""
        shape = self._shapes.get(value.name or "")
        return np.inf if shape is None or -1 in shape else prod(shape) * width


def _is_feedable(value: ir.Value) -> bool:
    tensor = tensor_of(value)
    return tensor is not None and tensor.dtype in FEEDABLE


def _store(graph: ir.Graph, nodes: list[ir.Node], results: dict[str, np.ndarray]) -> int:
    """Replaces the nodes by their results."""
    for node in reversed(nodes):
        for output in node.outputs:
            if output.uses() and output.name in results:
                name, output.name = output.name, None
                output.replace_all_uses_with(add_constant(graph, name, results[name]))
        graph.remove(node, safe=True)
    return len(nodes)
