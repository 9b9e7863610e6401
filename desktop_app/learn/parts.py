"""Which part of a model can be trained, where some of its nodes cannot."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.model import Model
from desktop_app.learn.planning import FLOATS, inlined, refusals


@dataclass(frozen=True)
class Part:
    """A part of a model, by the values at its ends, as `GraphModule` takes them.

    Attributes:
        inputs: Values to give.
        outputs: Values of floats to compute.
        refused: Node name to the reason why the part ends there; empty for the whole model.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    refused: dict[str, str]


def trainable_part(model: Model) -> Part | None:
    """The part with the most numbers in constants that can be trained: all, what is before or what is after refusals.

    What is before are the nodes that no refused one feeds, what is after those that feed none. None where neither
    has an output of floats.
    """
    reasons = refusals(model)
    nodes = [node for node in inlined(model).graph if node.op_type != "Constant" or node.domain]
    barred = {node for node in nodes if (node.name or "") in reasons}
    before = _without(nodes, barred, _consumers)
    after = _without(list(reversed(nodes)), barred, _makers)
    parts = [part for part in (before, after) if _outputs(part)]
    if not parts:
        return None
    best = max(parts, key=_numbers)
    return Part(_inputs(best), _outputs(best), dict(reasons))


def _without(
    nodes: Iterable[ir.Node], barred: Iterable[ir.Node], following: Callable[[ir.Node], Iterable[ir.Node]]
) -> list[ir.Node]:
    """The nodes that are not barred and that none of the barred reaches."""
    reached, waiting = set(barred), list(barred)
    while waiting:
        for node in following(waiting.pop()):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return [node for node in nodes if node not in reached]


def _consumers(node: ir.Node) -> list[ir.Node]:
    return [use.node for value in node.outputs for use in value.uses()]


def _makers(node: ir.Node) -> list[ir.Node]:
    """The nodes that feed this one, and what the graphs inside it read from outside."""
    inner = [value for one in _within(node) for value in one.inputs]
    made = (None if value is None else value.producer() for value in (*node.inputs, *inner))
    return [maker for maker in made if maker is not None]


def _within(node: ir.Node) -> Iterable[ir.Node]:
    for attribute in node.attributes.values():
        if attribute.type == ir.AttributeType.GRAPH:
            for inner in attribute.as_graph():
                yield inner
                yield from _within(inner)


def _inputs(part: list[ir.Node]) -> tuple[str, ...]:
    """Values that the part reads and does not make, in order; a model's constants are its own."""
    made = {value for node in part for value in node.outputs}
    read = {value: None for node in part for value in node.inputs if value is not None and value not in made}
    return tuple(value.name or "" for value in read if tensor_of(value) is None)


def _outputs(part: list[ir.Node]) -> tuple[str, ...]:
    """Values of floats that the part makes for others."""
    inside = set(part)
    made = (value for node in part for value in node.outputs if value.name)
    return tuple(
        value.name or ""
        for value in made
        if (value.dtype in FLOATS or value.dtype is None)
        and (value.is_graph_output() or any(use.node not in inside for use in value.uses()))
    )


def _numbers(part: list[ir.Node]) -> int:
    """How many numbers of float its constants hold."""
    constants = {value for node in part for value in node.inputs if value is not None}
    arrays = (array_of(value) for value in constants)
    return sum(array.size for array in arrays if array is not None and array.dtype.kind == "f")
