"""Writes a plan into the graph: QuantizeLinear and DequantizeLinear where ONNX Runtime will fuse them."""

from collections.abc import Iterable, Mapping

import numpy as np
import onnx_ir as ir

from desktop_app.graph.model import LATENT_KEY, Model
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.int8.affine import LEVELS, Affine
from desktop_app.steps.int8.eligible import read_weights
from desktop_app.steps.int8.gates import ends
from desktop_app.steps.int8.layers import QuantizedLayer
from desktop_app.steps.int8.operators import activation_range, data_inputs
from desktop_app.steps.int8.plan import Plan
from desktop_app.steps.int8.shield import shield
from desktop_app.steps.int8.weights import QuantizedWeight


def write_integers(
    model: Model, plan: Plan, affines: Mapping[str, Affine], layers: Mapping[str, QuantizedLayer]
) -> Model:
    """A copy of `model` that computes what `plan` says in 8 bits.

    Args:
        model: A float model none of whose planned layers was refused.
        plan: What becomes of every node and value.
        affines: Scale and zero point of every first value of a group (`plan.groups`).
        layers: The rounded constants of every layer of the plan.
    """
    writer = _Writer(GraphEditor(model), plan, affines)
    writer.convert_values()
    writer.store_weights(layers)
    shield(writer.editor)
    return writer.editor.finish()


class _Writer:
    """Rewrites a graph in place: value by value the activations, then layer by layer the weights."""

    def __init__(self, editor: GraphEditor, plan: Plan, affines: Mapping[str, Affine]) -> None:
        self.editor, self.graph, self.plan, self.affines = editor, editor.graph, plan, affines
        self.values: dict[str, ir.Value] = {value.name or "": value for value in self.graph.inputs}
        self.values |= {value.name or "": value for node in self.graph for value in node.outputs}
        self.parameters: dict[str, tuple[ir.Value, ir.Value]] = {}
        self.stored: dict[tuple[ir.Value, bytes], ir.Value] = {}
        self.integers: dict[str, ir.Value] = {}

        self.reads = {name: node.inputs[0].name or "" for name, node in self._nodes(plan.gates) if node.inputs[0]}

    def convert_values(self) -> None:
        """Adds the conversions of every value that is quantised, and lets its readers read the right one."""
        padded = {name: node.outputs[0].name for name, node in self._nodes(self.plan.moved) if node.op_type == "Pad"}
        for name in self.plan.groups:
            self._convert(name, self.values[name])
        for name, node in self._nodes(padded):
            if node.attributes.get_string("mode", "constant") == "constant":
                node.resize_inputs(max(len(node.inputs), 3))
                self.editor.replace_input(node, 2, self._scale(padded[name] or "")[1])

    def store_weights(self, layers: Mapping[str, QuantizedLayer]) -> None:
        """Replaces the constants of every layer by integers behind DequantizeLinear."""
        for name, node in self._nodes(self.plan.layers):
            layer = layers[name]
            self.editor.replace_input(node, 1, self._weight(node, layer.weight))
            if layer.bias is not None:
                node.resize_inputs(3)
                self.editor.replace_input(node, 2, self._bias(node, layer.bias, layer.bias_scales))
            for attribute in ("alpha", "beta"):
                node.attributes.pop(attribute, None)

    def _convert(self, name: str, value: ir.Value) -> None:
        native = name in self.plan.native
        producer = value.producer()
        readers = tuple(value.uses())
        activation = producer if producer is not None and producer.name in self.plan.absorbed else None
        raw = value if activation is None else activation.inputs[0]
        added: list[ir.Node] = []
        integers = value
        if producer is not None and producer.name in self.plan.gates:
            added += self._gate(name, producer)
            integers = added[-1].outputs[0]
        elif producer is None or producer.name not in self.plan.moved:
            added.append(self._node("QuantizeLinear", [raw, *self._scale(name)], f"{name}_q"))
            if activation is not None:
                added += self._clip(name, added[0].outputs[0], *activation_range(activation))
            integers = added[-1].outputs[0]
        added.append(self._node("DequantizeLinear", [integers, *self._scale(name)], f"{name}_dq"))
        real = added[-1].outputs[0]
        real.shape, real.type = value.shape, value.type
        self._place(added, after=None if raw is None else raw.producer())
        for node, index in readers:
            if node.name in self.plan.gates:
                continue  # the node that takes its place reads the integers
            if node.name in self.plan.moved and node.inputs[index] in data_inputs(node):
                node.replace_input_with(index, integers)
            elif native or self._reads_integers(node, index):
                node.replace_input_with(index, real)
        if native:
            self._take_name(value, real)
        self.integers[name] = integers
        if activation is not None:
            self.editor.remove(activation)
        if producer is not None and producer.name in self.plan.gates:
            self.editor.remove(producer)
        if not real.uses() and not real.is_graph_output():
            self.editor.remove(added[-1])
        if integers is value:
            value.type = ir.TensorType(ir.DataType.UINT8)

    def _reads_integers(self, node: ir.Node, index: int) -> bool:
        return (node.name in self.plan.layers and index == 0) or node.name in self.plan.combined

    def _gate(self, name: str, node: ir.Node) -> list[ir.Node]:
        """A HardSigmoid on the integers that it reads."""
        read = self.reads[node.name or ""]
        bottom, top = ends(node, self.affines[self.plan.groups[read]])
        limits = [self._scalar(f"{name}_{end}", np.uint8(at)) for end, at in (("min", bottom), ("max", top))]
        return [self._node("Clip", [self.integers[read], *limits], f"{name}_c")]

    def _clip(self, name: str, integers: ir.Value, low: float, high: float) -> list[ir.Node]:
        """The activation on integers, where saturation does not already do all its work."""
        affine = self.affines[self.plan.groups[name]]
        bottom, top = affine.stored(low), affine.stored(high)
        if bottom == 0 and top == LEVELS:
            return []
        ends = [self._scalar(f"{name}_{end}", np.uint8(at)) for end, at in (("min", bottom), ("max", top))]
        return [self._node("Clip", [integers, *ends], f"{name}_c")]

    def _place(self, nodes: list[ir.Node], after: ir.Node | None) -> None:
        if after is not None:
            self.graph.insert_after(after, nodes)
        else:
            self.editor.at_start(nodes)

    def _take_name(self, old: ir.Value, new: ir.Value) -> None:
        """The value that the rest of the model sees keeps its name, so that it can be compared with the original's."""
        for index, output in enumerate(self.graph.outputs):
            if output is old:
                self.graph.outputs[index] = new
        old.name, new.name = new.name, old.name

    def _weight(self, node: ir.Node, weight: QuantizedWeight) -> ir.Value:
        """Behind DequantizeLinear; layers that share a weight go on sharing it."""
        source = node.inputs[1]
        if source is None:
            raise ValueError(f"{node.name} has no weight")
        key = (source, weight.stored.tobytes() + weight.scales.tobytes())
        if key not in self.stored:
            integers = self.editor.constant(f"{source.name}_q", weight.stored)
            integers.meta[LATENT_KEY] = read_weights(node).weight
            scales = self.editor.constant(f"{source.name}_s", weight.scales)
            # ONNX Runtime fuses no Gemm without zero points; all layers of a width share theirs.
            size = len(weight.scales)
            zeros = self.editor.shared_constant(f"zeros_{size}", np.zeros(size, np.int8))
            inputs: list[ir.Value | None] = [integers, scales, zeros]
            dequantize = self._node("DequantizeLinear", inputs, f"{source.name}_dq", axis=weight.axis)
            self.graph.insert_before(node, dequantize)
            self.stored[key] = dequantize.outputs[0]
        return self.stored[key]

    def _bias(self, node: ir.Node, bias: np.ndarray, scales: np.ndarray) -> ir.Value:
        stored = np.rint(bias / scales.astype(np.float64)).astype(np.int32)
        name = f"{node.name}_b"
        inputs: list[ir.Value | None] = [
            self.editor.constant(f"{name}_q", stored),
            self.editor.constant(f"{name}_s", scales),
        ]
        dequantize = self._node("DequantizeLinear", inputs, f"{name}_dq", axis=0)
        self.graph.insert_before(node, dequantize)
        return dequantize.outputs[0]

    def _scale(self, name: str) -> tuple[ir.Value, ir.Value]:
        """Scale and zero point of a value, shared by its group."""
        group = self.plan.groups[name]
        if group not in self.parameters:
            affine = self.affines[group]
            scale = self._scalar(f"{group}_s", affine.scale)
            self.parameters[group] = scale, self._scalar(f"{group}_z", affine.zero_point)
        return self.parameters[group]

    def _scalar(self, name: str, number: np.generic) -> ir.Value:
        return self.editor.constant(name, ir.Tensor(np.asarray(number)))

    def _node(self, op_type: str, inputs: list[ir.Value | None], name: str, **attributes: int) -> ir.Node:
        settings = {key: ir.AttrInt64(key, number) for key, number in attributes.items()}
        return self.editor.node(op_type, inputs, name, settings)

    def _nodes(self, names: Iterable[str]) -> list[tuple[str, ir.Node]]:
        wanted = frozenset(names)
        return [(node.name or "", node) for node in self.graph if node.name in wanted]
