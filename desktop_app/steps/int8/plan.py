"""Which values of a model become 8-bit integers.

Layers in 8 bits read integers. Between them integers flow on through operators that only move values, and through
those that ONNX Runtime has on integers, as long as some later layer wants them; everything else stays float. A value
that is computed in 8 bits (`native`) exists as integers only; one that a float operator computes is converted for those
who want integers.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import onnx_ir as ir

from desktop_app.graph.model import Model
from desktop_app.steps.int8.gates import is_gate
from desktop_app.steps.int8.operators import combines, concatenates, data_inputs, is_activation, is_layer, moves


@dataclass(frozen=True)
class Plan:
    """What becomes of every node and value, by name.

    Attributes:
        layers: Nodes whose weights are quantised.
        combined: Nodes that ONNX Runtime will fuse with the conversions around them.
        moved: Nodes that run on integers as they are.
        gates: HardSigmoid nodes whose work is to cut the integers at both ends.
        absorbed: Activations whose work the saturation of the result before them does.
        native: Values that are computed in 8 bits.
        groups: Every value that is quantised, to the first of those that share its scale.
        sources: Quantised values that are not merely moved, so whose ranges must be known.
    """

    layers: frozenset[str]
    combined: frozenset[str]
    moved: frozenset[str]
    gates: frozenset[str]
    absorbed: frozenset[str]
    native: frozenset[str]
    groups: Mapping[str, str]
    sources: tuple[str, ...]


def make_plan(model: Model, layers: Collection[str], rounded: Collection[str] = ()) -> Plan:
    """Plans the quantisation of the named layers; of those in `rounded` the result too, whoever reads it."""
    planner = _Planner(model, frozenset(layers), frozenset(rounded))
    planner.want()
    planner.flow()
    return planner.plan()


class _Planner:
    """Two walks: backwards, who would like integers; forwards, where they really flow."""

    def __init__(self, model: Model, layers: frozenset[str], rounded: frozenset[str]) -> None:
        self.nodes = tuple(model.graph)
        self.layers, self.rounded = layers, rounded
        self.activations: dict[str, ir.Node] = {}
        self.wanted: set[ir.Value] = set()
        self.native: set[ir.Value] = set()
        self.moved: list[ir.Node] = []
        self.combined: list[ir.Node] = []
        self.gates: list[ir.Node] = []
        for node in self.nodes:
            if (node.name in layers and is_layer(node)) or combines(node):
                following = _only_consumer(node.outputs[0])
                if following is not None and is_activation(following) and following.inputs[0] is node.outputs[0]:
                    self.activations[_name(node)] = following
        self.skipped = {_name(node) for node in self.activations.values()}

    def want(self) -> None:
        """Marks the values that a layer in 8 bits reads, directly or through operators that could pass integers on."""
        for node in reversed(self.nodes):
            if node.name in self.layers:
                self.wanted.update(data_inputs(node)[:1])
            elif node.name in self.skipped or not any(
                self._result(node, value) in self.wanted for value in node.outputs
            ):
                continue
            elif combines(node) or concatenates(node) or is_gate(node):
                self.wanted.update(data_inputs(node))
            elif moves(node):
                self.wanted.update(data_inputs(node)[:1])

    def flow(self) -> None:
        """Follows the integers from the layers and inputs on."""
        for node in self.nodes:
            if node.name in self.layers:
                result = self._result(node, node.outputs[0])
                if node.op_type == "Conv" or node.name in self.rounded or result in self.wanted:
                    self.native.add(result)
            elif node.name in self.skipped:
                continue
            elif moves(node) and self._moves_integers(node):
                self.moved.append(node)
                self.native.update(node.outputs)
            elif is_gate(node) and node.outputs[0] in self.wanted and node.inputs[0] in self.native:
                self.gates.append(node)
                self.native.add(node.outputs[0])
            elif (
                node.outputs
                and self._result(node, node.outputs[0]) in self.wanted
                and any(value in self.native for value in data_inputs(node))
            ):
                if combines(node):
                    self.combined.append(node)
                    self.native.add(self._result(node, node.outputs[0]))
                elif concatenates(node):
                    self.moved.append(node)
                    self.native.add(node.outputs[0])

    def plan(self) -> Plan:
        """Puts together what is really used."""
        quantized = dict.fromkeys(value for value in self._read_as_integers())
        quantized.update(dict.fromkeys(value for value in self.native))
        ordered = sorted(quantized, key=self._position)
        groups = _Groups(ordered)
        for node in self.moved:
            for value in (*data_inputs(node), *node.outputs):
                groups.join(value, node.outputs[0])
        outputs_of_moves = {value for node in (*self.moved, *self.gates) for value in node.outputs}
        return Plan(
            layers=self.layers,
            combined=frozenset(_name(node) for node in self.combined),
            moved=frozenset(_name(node) for node in self.moved),
            gates=frozenset(_name(node) for node in self.gates),
            absorbed=frozenset(_name(node) for node in self.activations.values() if node.outputs[0] in self.native),
            native=frozenset(_value_name(value) for value in self.native),
            groups={_value_name(value): _value_name(groups.first(value)) for value in ordered},
            sources=tuple(_value_name(value) for value in ordered if value not in outputs_of_moves),
        )

    def _moves_integers(self, node: ir.Node) -> bool:
        """Where the input is an integer already, or where nobody wants the result as a float."""
        if node.inputs[0] in self.native:
            return True
        consumers = [use.node for value in node.outputs for use in value.uses()]
        reads_integers = all(
            (other.name in self.layers and other.inputs[0] in node.outputs)
            or (moves(other) and other.outputs[0] in self.wanted)
            for other in consumers
        )
        floats_only = any(value.is_graph_output() for value in node.outputs)
        return bool(consumers) and reads_integers and not floats_only and node.outputs[0] in self.wanted

    def _read_as_integers(self) -> Iterable[ir.Value]:
        for node in self.nodes:
            if node.name in self.layers:
                yield from data_inputs(node)[:1]
        for node in (*self.moved, *self.combined, *self.gates):
            yield from data_inputs(node)

    def _result(self, node: ir.Node, value: ir.Value) -> ir.Value:
        """The value behind the activation that follows, if one does."""
        activation = self.activations.get(_name(node))
        return value if activation is None else activation.outputs[0]

    def _position(self, value: ir.Value) -> tuple[int, int]:
        return self._order.get(value, (-1, 0))

    @cached_property
    def _order(self) -> dict[ir.Value, tuple[int, int]]:
        return {
            value: (position, index)
            for position, node in enumerate(self.nodes)
            for index, value in enumerate(node.outputs)
        }


class _Groups:
    """Values that share one scale (union-find); the first in execution order stands for them."""

    def __init__(self, ordered: Iterable[ir.Value]) -> None:
        self._parent = {value: value for value in ordered}
        self._rank = {value: rank for rank, value in enumerate(self._parent)}

    def first(self, value: ir.Value) -> ir.Value:
        while self._parent[value] is not value:
            value = self._parent[value]
        return value

    def join(self, one: ir.Value, other: ir.Value) -> None:
        one, other = sorted((self.first(one), self.first(other)), key=self._rank.__getitem__)
        self._parent[other] = one


def _only_consumer(value: ir.Value) -> ir.Node | None:
    uses = tuple(value.uses())
    return uses[0].node if len(uses) == 1 and not value.is_graph_output() else None


def _name(node: ir.Node) -> str:
    return node.name or ""


def _value_name(value: ir.Value) -> str:
    return value.name or ""
