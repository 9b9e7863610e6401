"""To which layer every node is counted, so that the times and constants of the rows sum to those of the model."""

from collections.abc import Iterable, Sequence

import onnx_ir as ir

from desktop_app.graph.constants import tensor_of


def owners_of(graphs: Iterable[Sequence[ir.Node]], layers: Iterable[ir.Node]) -> dict[ir.Node, ir.Node]:
    """Node to the layer's node that it is counted to; nodes that no layer feeds or reads are absent.

    A node follows the owner of its first input that has one: a batch normalisation belongs to the convolution before
    it. Nodes that read only constants, and nodes before the first layer, belong to the first layer that reads them.

    Args:
        graphs: The nodes of the main graph in execution order, then those of its subgraphs, outer graphs first.
        layers: The nodes that are layers.
    """
    owners = {node: node for node in layers}
    constant: set[ir.Value] = set()
    graphs = list(graphs)
    for nodes in graphs:
        for node in nodes:
            _follow_inputs(node, owners, constant)
        for node in reversed(nodes):
            if node not in owners:
                _lead_to_reader(node, owners)
    return owners


def _follow_inputs(node: ir.Node, owners: dict[ir.Node, ir.Node], constant: set[ir.Value]) -> None:
    producers = [value.producer() for value in node.inputs if value is not None and not _is_constant(value, constant)]
    if not producers:
        constant.update(node.outputs)
    elif node not in owners:
        owner = next((owners[producer] for producer in producers if producer in owners), None)
        if owner is not None:
            owners[node] = owner


def _is_constant(value: ir.Value, constant: set[ir.Value]) -> bool:
    return value in constant or tensor_of(value) is not None


def _lead_to_reader(node: ir.Node, owners: dict[ir.Node, ir.Node]) -> None:
    for value in node.outputs:
        for consumer in value.consumers():
            if consumer in owners:
                owners[node] = owners[consumer]
                return
