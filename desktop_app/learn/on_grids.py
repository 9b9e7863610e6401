"""A copy of a model in integers that computes the same faster: conversions there and back are one node."""

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.folding import constant_nodes, evaluate
from desktop_app.graph.model import DECODER_KEY, Model
from desktop_app.learn.operators.quantisation import DOMAIN, ON_GRID


def with_grids(model: Model) -> Model:
    """The copy; names of values and constants stay."""
    copy = model.clone()
    graph = copy.graph
    copy.ir.opset_imports.setdefault(DOMAIN, 1)
    for node in [*graph]:
        if node.op_type != "QuantizeLinear" or node.domain:
            continue
        last, low, high = _clip(node)
        dequantize = _only_reader(last.outputs[0])
        if dequantize is None or dequantize.op_type != "DequantizeLinear" or not _same_scale(node, dequantize):
            continue
        zero = array_of(node.inputs[2]) if len(node.inputs) > 2 else None
        numbers = {"zero_point": 0 if zero is None else int(zero.item()), "low": low, "high": high}
        made = ir.node(ON_GRID, [node.inputs[0], node.inputs[1]], domain=DOMAIN, name=f"{node.name}/grid")
        for key, number in numbers.items():
            made.attributes.add(ir.AttrInt64(key, number))
        _replace(graph, [node] if last is node else [node, last], dequantize, made)
    return Model(copy.ir)


def decoded(model: Model) -> dict[str, np.ndarray]:
    """What the nodes that decode stored weights make for others, by name: such weights are not trained."""
    constants = {
        name: value.const_value.numpy() for name, value in model.graph.initializers.items() if value.const_value
    }
    nodes = constant_nodes(model.graph, constants, lambda node: DECODER_KEY in node.metadata_props)
    found = evaluate(nodes, constants, model.opset) if nodes else {}
    last = {value.name for node in nodes for value in node.outputs if _read_beside(value, nodes)}
    return {name: array for name, array in found.items() if name in last}


def _read_beside(value: ir.Value, nodes: list[ir.Node]) -> bool:
    return any(use.node not in nodes for use in value.uses())


def _clip(node: ir.Node) -> tuple[ir.Node, int, int]:
    """The node that gives the integers after all, and between what they lie: behind ReLU6 stands a Clip."""
    zero = array_of(node.inputs[2]) if len(node.inputs) > 2 else None
    ends = np.iinfo(np.uint8 if zero is None else zero.dtype)
    reader = _only_reader(node.outputs[0])
    if reader is None or reader.op_type != "Clip" or reader.inputs[0] is not node.outputs[0]:
        return node, int(ends.min), int(ends.max)
    low, high = (array_of(value) for value in (*reader.inputs, None, None)[1:3])
    known = all(array_of(value) is not None for value in reader.inputs[1:] if value is not None)
    if not known:
        return node, int(ends.min), int(ends.max)
    return (
        reader,
        int(ends.min) if low is None else int(low.item()),
        int(ends.max) if high is None else int(high.item()),
    )


def _replace(graph: ir.Graph, first: list[ir.Node], dequantize: ir.Node, made: ir.Node) -> None:
    old, new = dequantize.outputs[0], made.outputs[0]
    graph.insert_before(dequantize, made)
    old.replace_all_uses_with(new, replace_graph_outputs=True)
    name = old.name
    graph.remove(dequantize, safe=True)
    for node in reversed(first):
        graph.remove(node, safe=True)
    new.name, new.type, new.shape = name, old.type, old.shape


def _same_scale(quantize: ir.Node, dequantize: ir.Node) -> bool:
    """One scale for all, and the same constants."""
    if tuple(quantize.inputs[1:]) != tuple(dequantize.inputs[1:]):
        return False
    scale = array_of(quantize.inputs[1])
    zeros = [array_of(value) for value in quantize.inputs[2:]]
    return scale is not None and scale.size == 1 and all(zero is not None and zero.dtype.kind in "iu" for zero in zeros)


def _only_reader(value: ir.Value) -> ir.Node | None:
    uses = tuple(value.uses())
    return uses[0].node if len(uses) == 1 and not value.is_graph_output() else None
