"""The walk through a graph that gives every axis of every value its labels."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import tensor_of
from desktop_app.graph.labels import Axes, Resolved
from desktop_app.graph.model import Model, bodies_of
from desktop_app.graph.rules.checks import settle
from desktop_app.graph.rules.shapes import propagate_numbers
from desktop_app.graph.rules.table import rule_for
from desktop_app.graph.rules.trace import Trace, Unfollowed, describe
from desktop_app.graph.rules.vanish import note_vanishing

MALFORMED = (IndexError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What a rule runs into at a node that does not obey its operator's specification."""

TO_OUTPUT = "feeds the model's output"
"""How the reason of what is given to the caller begins."""

MAX_RETRIED = 30_000
"""Nodes that are walked through again in search of a better choice."""

MAX_FOLLOWED = 2**20
"""Longer axes are not followed: forty chained Concat of a value with itself would have 2**40 positions."""


def walk(model: Model) -> tuple[Trace, Resolved]:
    """Labels of all values of the main graph, joined; what must not be cut is pinned with the reason.

    Where a Reshape splits an axis, any of the parts may take the labels. If those that took them turn out not to be
    cut, the others are tried.
    """
    best, resolved = _attempt(model, {})
    choices: dict[tuple[int, ...], int] = {}
    budget = MAX_RETRIED // (len(model.graph) + 1)
    for sizes, part in {split.sizes: split.part for split in best.splits if _is_pinned(split.labels, resolved)}.items():
        for other in (other for other in range(len(sizes)) if other != part and sizes[other] > 1):
            budget -= 1
            if budget < 0:
                return best, resolved
            trace, found = _attempt(model, {**choices, sizes: other})
            if _free(trace, found, model) > _free(best, resolved, model):
                best, resolved = trace, found
                choices[sizes] = other
    return best, resolved


def _attempt(model: Model, choices: Mapping[tuple[int, ...], int]) -> tuple[Trace, Resolved]:
    """One walk, in which axes that are split into parts of these sizes give their labels to these parts."""
    trace = Trace(model, choices)
    for node in model.graph:
        trace.node = node
        _assign(node, _follow(node, trace), trace)
        with suppress(*MALFORMED):  # then nothing of the node is taken to vanish
            note_vanishing(node, trace)
    for value in model.graph.outputs:
        trace.pin_value(value, f"{TO_OUTPUT} {value.name}")
    for value in (*model.graph.inputs, *model.graph.initializers.values()):
        if value.is_graph_input():
            trace.pin_value(value, f"is read from the model's input {value.name}")
    for node in model.graph:
        for value in _captured(node, model.graph):
            trace.pin_value(value, f"is read by the body of {describe(node)}")
    return trace, settle(trace)


def _is_pinned(labels: np.ndarray, resolved: Resolved) -> bool:
    """Whether labels are pinned by something that would not pin every other part of their axis too."""
    reasons = {resolved.reasons[pin] for pin in np.unique(resolved.pinned[labels]) if pin < len(resolved.reasons)}
    return any(not reason.startswith(TO_OUTPUT) for reason in reasons)


def _free(trace: Trace, resolved: Resolved, model: Model) -> int:
    """How many positions of the axes of all constants can be cut."""
    made = (value for node in model.graph for value in node.outputs if tensor_of(value) is not None)
    names = {value.name or "" for value in (*model.graph.initializers.values(), *made)}
    found = [labels for name in names for labels in trace.axes.get(name, ()) if labels is not None]
    return int((resolved.pinned[np.concatenate(found)] == len(resolved.reasons)).sum()) if found else 0


def _follow(node: ir.Node, trace: Trace) -> list[Axes]:
    """The labels of a node's outputs; where they cannot be told all that it reads is pinned."""
    rule = rule_for(node)
    try:
        if rule is None:
            raise Unfollowed("whose channels are not followed")
        axes = rule(node, trace)
        if any(labels is not None and labels.size > MAX_FOLLOWED for one in axes for labels in one):
            raise Unfollowed("whose result is too long to be channels")
        propagate_numbers(node, trace)
        return axes
    except Unfollowed as refusal:
        reason = f"passes through {describe(node)}, {refusal}"
    except MALFORMED:
        reason = f"passes through {describe(node)}, which does not obey its specification"
    for value in node.inputs:
        trace.pin_value(value, reason)
    return []


def _assign(node: ir.Node, axes: list[Axes], trace: Trace) -> None:
    """Stores the labels of a node's outputs. A value that was read before it was made stays as it is."""
    for value, labels in zip(node.outputs, axes, strict=False):
        name = value.name
        if not name:  # a result that is left out
            continue
        if name in trace.axes and trace.axes[name] is not labels:
            for pinned in (*labels, *trace.axes[name]):
                trace.pin(pinned, f"is read before {describe(node)} makes it")
        else:
            trace.axes[name] = labels


def _captured(node: ir.Node, graph: ir.Graph) -> Iterator[ir.Value]:
    """Values of the main graph that the bodies of a node read."""
    for body in bodies_of(node):
        for inner in body:
            yield from (value for value in inner.inputs if value is not None and _belongs(value, graph))
            yield from _captured(inner, graph)
        yield from (value for value in body.outputs if _belongs(value, graph))


def _belongs(value: ir.Value, graph: ir.Graph) -> bool:
    producer = value.producer()
    return value.graph is graph or (producer is not None and producer.graph is graph)
