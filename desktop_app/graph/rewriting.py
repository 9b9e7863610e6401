"""Small changes to a graph in place; for copies only, a Model that was handed out is never rewritten."""

import numpy as np
import onnx_ir as ir


def bypass(node: ir.Node, value: ir.Value) -> bool:
    """Lets the readers of a node's first output read `value` instead, and removes the node.

    Names of the graph's outputs stay: `value` takes the name of an output that it replaces. Returns False, and changes
    nothing, where it cannot: an input, a constant or another output keeps its own name.
    """
    output, graph = node.outputs[0], node.graph
    if graph is None:
        return False
    if output.is_graph_output():
        if value.producer() is None or value.is_graph_output() or value.graph is not graph:
            return False
        output.replace_all_uses_with(value, replace_graph_outputs=True)
        name, output.name = output.name, None
        value.name = name
        value.type, value.shape = output.type, output.shape
    else:
        output.replace_all_uses_with(value)
    graph.remove(node, safe=True)
    return True


def replace_constant(value: ir.Value, array: np.ndarray) -> None:
    """Gives an initializer another array; its name stays."""
    value.const_value = ir.Tensor(np.ascontiguousarray(array), name=value.name)
    value.shape = ir.Shape(array.shape)


def add_constant(graph: ir.Graph, name: str, array: np.ndarray) -> ir.Value:
    """A new initializer. The name must be free."""
    tensor = ir.Tensor(np.ascontiguousarray(array), name=name)
    value = ir.Value(name=name, type=ir.TensorType(tensor.dtype), shape=ir.Shape(array.shape), const_value=tensor)
    graph.register_initializer(value)
    return value


def remove_unused(graph: ir.Graph) -> int:
    """Removes nodes and initializers that nothing reads, and says how many nodes there were."""
    removed = 0
    for node in reversed(graph):
        if not any(value.uses() or value.is_graph_output() for value in node.outputs):
            graph.remove(node, safe=True)
            removed += 1
    for name, value in list(graph.initializers.items()):
        if not (value.uses() or value.is_graph_output() or value.is_graph_input()):
            del graph.initializers[name]
    return removed
