"""HardSigmoid as exporters without that operator write it: min(max(x + 3, 0), 6) / 6, and x times that."""

from dataclasses import dataclass
from math import isclose

import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.int8.operators import activation_range

STANDARD = ("", "ai.onnx")
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Pattern:
    """Add, Clip and a division, perhaps with a product by x before it.

    Attributes:
        last: The node whose result is replaced.
        add: The first.
        read: What the gate reads.
        alpha: Of the HardSigmoid.
        beta: Likewise.
        product: Whether the result is x times the gate.
    """

    last: ir.Node
    add: ir.Node
    read: ir.Value
    alpha: float
    beta: float
    product: bool


def name_gates(model: Model) -> Model:
    """The model with HardSigmoid in the place of these patterns; itself where there is none."""
    patterns = [one for node in model.graph if (one := _pattern(node)) is not None]
    if not patterns:
        return model
    editor = GraphEditor(model)
    for one in patterns:
        last = editor.node_like(one.last)
        add = editor.node_like(one.add)
        read = next(value for value in add.inputs if value is not None and value.name == one.read.name)
        settings = {"alpha": ir.AttrFloat32("alpha", one.alpha), "beta": ir.AttrFloat32("beta", one.beta)}
        made = [editor.node("HardSigmoid", [read], f"{last.name}_gate", settings)]
        if one.product:
            made.append(editor.node("Mul", [read, made[0].outputs[0]], f"{last.name}_product", {}))
        editor.before(last, made)
        middle = [value.producer() for value in last.inputs if value is not None and value.producer() is not None]
        editor.drop(last, made[-1].outputs[0])
        _remove_unread(editor, middle)
    return editor.finish()


def _remove_unread(editor: GraphEditor, nodes: "list[ir.Node | None]") -> None:
    """Removes nodes that nobody reads any more, and then those before them."""
    for node in nodes:
        unread = node is not None and node.graph is not None and not any(value.uses() for value in node.outputs)
        if node is None or not unread or any(value.is_graph_output() for value in node.outputs):
            continue
        before = [value.producer() for value in node.inputs if value is not None]
        editor.remove(node)
        _remove_unread(editor, before)


def _pattern(last: ir.Node) -> Pattern | None:
    """The pattern that ends in a node."""
    scaled = _scaled(last)
    if scaled is None:
        return None
    inner, alpha = scaled
    node = _producer(inner)
    if node is None or not _only_reader(inner):
        return None
    if node.op_type == "Clip":
        return _gate(last, node, alpha, None)
    if node.op_type != "Mul" or node.domain not in STANDARD:
        return None
    for one, other in (node.inputs, tuple(reversed(node.inputs))):
        clip = _producer(other)
        if clip is not None and clip.op_type == "Clip" and other is not None and _only_reader(other):
            return _gate(last, clip, alpha, one)
    return None


def _gate(last: ir.Node, clip: ir.Node, alpha: float, factor: ir.Value | None) -> Pattern | None:
    low, high = activation_range(clip)
    add = _producer(clip.inputs[0])
    if low != 0.0 or not isclose(high * alpha, 1.0, rel_tol=TOLERANCE) or add is None or add.op_type != "Add":
        return None
    for read, shift in (add.inputs, tuple(reversed(add.inputs))):
        offset = _number(shift)
        if read is None or offset is None or not 0.0 < offset * alpha < 1.0 or _number(read) is not None:
            continue
        return Pattern(last, add, read, alpha, offset * alpha, factor is not None) if factor in (None, read) else None
    return None


def _scaled(node: ir.Node) -> tuple[ir.Value, float] | None:
    """A value and the constant that it is multiplied by, or divided by."""
    if node.domain not in STANDARD or node.op_type not in ("Mul", "Div"):
        return None
    one, other = node.inputs
    number = _number(other)
    if one is not None and number:
        return one, number if node.op_type == "Mul" else 1.0 / number
    number = _number(one)
    return (other, number) if other is not None and number and node.op_type == "Mul" else None


def _producer(value: ir.Value | None) -> ir.Node | None:
    return None if value is None else value.producer()


def _only_reader(value: ir.Value) -> bool:
    return len(tuple(value.uses())) == 1 and not value.is_graph_output()


def _number(value: ir.Value | None) -> float | None:
    array = array_of(value)
    return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None
