"""The part of a model that computes certain values, to run no more than that."""

from collections.abc import Collection

from desktop_app.graph.model import Model


def up_to(model: Model, names: Collection[str]) -> Model:
    """A copy without outputs, and without the nodes on which none of the named values depends.

    It is to be opened with these names as outputs.
    """
    part = model.clone()
    graph = part.graph
    graph.outputs.clear()
    named = set(names)
    for node in reversed([*graph]):
        if named.isdisjoint(value.name for value in node.outputs) and not any(value.uses() for value in node.outputs):
            graph.remove(node, safe=True)
    for name, value in [*graph.initializers.items()]:
        if not value.uses() and name not in named and not value.is_graph_input():
            del graph.initializers[name]
    return part
