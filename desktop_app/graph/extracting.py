"""The part of a model that computes certain values, to run no more than that."""

from collections.abc import Collection, Mapping

import onnx_ir as ir

from desktop_app.graph.model import Model


def up_to(model: Model, names: Collection[str]) -> Model:
    """A copy without outputs, and without the nodes on which none of the named values depends.

    It is to be opened with these names as outputs.
    """
    part = model.clone()
    _drop_unused(part, names)
    return part


def needed(model: Model, given: Collection[str], names: Collection[str]) -> tuple[ir.Node, ...]:
    """The nodes of the main graph that compute the named values from those given, in execution order; no constants."""
    wanted: set[str | None] = {name for name in names if name not in given}
    found: list[ir.Node] = []
    for node in reversed([*model.graph]):
        if wanted.isdisjoint(value.name for value in node.outputs):
            continue
        if node.op_type == "Constant" and not node.domain:
            continue
        found.append(node)
        wanted.update(value.name for value in node.inputs if value is not None and value.name not in given)
    return tuple(reversed(found))


def between(
    model: Model, given: Mapping[str, tuple[ir.DataType, tuple[int | None, ...]]], names: Collection[str]
) -> Model:
    """A copy that computes the named values from others that are given (with type and shape), as `up_to`.

    A given value that is an input already stays one; inputs that nothing needs any more are left out.
    """
    part = model.clone()
    graph = part.graph
    taken = {value.name: value for value in graph.inputs}
    made = {value.name: value for node in graph for value in node.outputs}
    for name, (dtype, shape) in given.items():
        if name in taken or name not in made:
            continue
        old = made[name]
        old.name = f"{name}/computed"
        new = ir.Value(name=name, shape=ir.Shape(shape), type=ir.TensorType(dtype))
        old.replace_all_uses_with(new)
        graph.inputs.append(new)
    _drop_unused(part, names)
    used = [value for value in graph.inputs if value.uses() or value.name in names or value.is_initializer()]
    graph.inputs.clear()
    graph.inputs.extend(used)
    return part


def _drop_unused(part: Model, names: Collection[str]) -> None:
    """Takes away all that the named values do not depend on."""
    graph = part.graph
    graph.outputs.clear()
    named = set(names)
    for node in reversed([*graph]):
        if named.isdisjoint(value.name for value in node.outputs) and not any(value.uses() for value in node.outputs):
            graph.remove(node, safe=True)
    for name, value in [*graph.initializers.items()]:
        if not value.uses() and name not in named and not value.is_graph_input():
            del graph.initializers[name]
