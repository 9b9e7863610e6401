"""Where the output of a layer is found again in a compressed model.

Steps that put other nodes in the place of a layer keep the name of its output, so names lead there. Quantisation alone
is different: what an activation gave is then a value of 8-bit integers behind the layer, with the activation in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from desktop_app.core.language import Words
from desktop_app.core.layer import Layer
from desktop_app.graph.constants import array_of
from desktop_app.graph.cuts import ACTIVATIONS
from desktop_app.graph.model import Model


@dataclass(frozen=True)
class Reading:
    """A value of a model, and how its numbers are got from it.

    Attributes:
        value: Its name.
        scale: What an integer counts for; None where the value is of floats.
        zero: The integer that stands for 0.
    """

    value: str
    scale: float | None = None
    zero: float = 0.0


@dataclass(frozen=True)
class Pair:
    """The same place in two models; or why there is none.

    Attributes:
        layer: The layer of the opened model.
        own: The layer's own output in the first model, before its activation.
        first: The place in the first model.
        second: The place in the other.
        reason: Why they cannot be compared; empty where they can.
    """

    layer: str
    own: str = ""
    first: str = ""
    second: Reading = Reading("")
    reason: Words = ""


def pairs(first: Model, second: Model) -> Iterator[Pair]:
    """The place behind every layer of one model, and the same place in what was made of it, in execution order.

    It is behind the layer's Relu or Clip, where only that reads the layer.
    """
    nodes = {node.name: node for node in first.graph}
    made = {value.name: value for node in second.graph for value in node.outputs if value.name}
    for layer in first.layers:
        name = layer.origin or layer.name
        node = nodes.get(layer.name)
        own = None if node is None else _output(node)
        if own is None or not own.name:
            yield Pair(name, reason="It is inside of a loop, a branch or a function.")
            continue
        yield _pair(name, own, made)


def own_output(model: Model, layer: Layer) -> str:
    """The name of a layer's own output; empty for a layer inside of a body."""
    try:
        output = _output(model.node(layer.name))
    except KeyError:
        return ""
    return "" if output is None else output.name or ""


def _pair(layer: str, own: ir.Value, made: dict[str, ir.Value]) -> Pair:
    name, behind = own.name or "", _behind(own)
    if behind.name in made:
        return Pair(layer, name, behind.name, _rounded(made[behind.name]))
    if name not in made:
        return Pair(layer, name, reason="Nothing in the compressed model takes the place of its output.")
    rounded = _rounded(made[name])
    if rounded.scale is not None and behind is not own:
        return Pair(layer, name, behind.name or "", rounded)  # its activation is in the rounding
    return Pair(layer, name, name, Reading(name))


def _output(node: ir.Node) -> ir.Value | None:
    """The first output that has a name: optional ones may be left out."""
    return next((value for value in node.outputs if value.name), None)


def _behind(own: ir.Value) -> ir.Value:
    reader = _only_reader(own)
    if reader is None or reader.op_type not in ACTIVATIONS or reader.inputs[0] is not own:
        return own
    return reader.outputs[0] if all(array_of(value) is not None for value in reader.inputs[1:] if value) else own


def _rounded(value: ir.Value) -> Reading:
    """The integers that a value is rounded to, where nothing but that reads it: what follows reads those."""
    floats = Reading(value.name or "")
    quantize = _only_reader(value)
    if quantize is None or quantize.op_type != "QuantizeLinear" or len(quantize.inputs) < 3:
        return floats
    scale, zero = (array_of(one) for one in quantize.inputs[1:3])
    if scale is None or zero is None or scale.size != 1 or zero.size != 1:
        return floats
    integers = quantize.outputs[0]
    limit = _only_reader(integers)
    if limit is not None and limit.op_type == "Clip":
        integers = limit.outputs[0]
    numbers = (float(np.asarray(one).reshape(-1)[0]) for one in (scale, zero))
    return Reading(integers.name or "", *numbers)


def _only_reader(value: ir.Value) -> ir.Node | None:
    uses = value.uses()
    return next(iter(uses)).node if len(uses) == 1 and not value.is_graph_output() else None
