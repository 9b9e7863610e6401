"""A model cut into one piece after another, so that a layer can be run on what the layers before it really give."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import onnx
import onnx_ir as ir
from onnx import helper

from desktop_app.graph.cuts import reads
from desktop_app.graph.model import Model

SEEN = "/seen"
"""Behind the name of an output of the model: the value by which segments that are given results tell it."""


@dataclass(frozen=True)
class Segment:
    """A layer and all nodes up to the next one.

    Attributes:
        layer: Name of the layer; empty for what comes before the first.
        result: Name of the layer's own result; empty likewise.
        data: Name of the integers that the layer reads; empty likewise.
        weight: Name of the value that the segment takes as the layer's weight; empty likewise.
        bias: Name of the value that the segment takes as the layer's bias; empty where it has none.
        inputs: Values from earlier segments, or of the model, that it reads.
        outputs: Values that later segments read.
        last_read: Values from earlier segments that no later one reads.
        model: The piece as a model of its own.
    """

    layer: str
    result: str
    data: str
    weight: str
    bias: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    last_read: tuple[str, ...]
    model: bytes


def cut_into_segments(model: Model, layers: Iterable[str], *, given: bool = False) -> Iterator[Segment]:
    """Cuts a quantised model before every named layer, in execution order.

    Integers cross the cuts, not floats: DequantizeLinear is repeated in every segment that reads its result.

    Args:
        model: The model.
        layers: Nodes that read integers behind DequantizeLinear.
        given: Whether segments take the results of their layers instead of computing them.
    """
    return _Cutter(ir.to_proto(model.ir), frozenset(layers), given).segments()


class _Cutter:
    def __init__(self, proto: onnx.ModelProto, layers: frozenset[str], given: bool) -> None:
        self.proto, self.layers, self.given = proto, layers, given
        if given:
            names = [value.name for value in proto.graph.output]
            proto.graph.node.extend(helper.make_node("Identity", [name], [name + SEEN]) for name in names)
        self.constants = {tensor.name: tensor for tensor in proto.graph.initializer}
        self.makers = {name: node for node in proto.graph.node for name in node.output if name}
        self.inputs = {value.name: value for value in proto.graph.input if value.name not in self.constants}

    def segments(self) -> Iterator[Segment]:
        pieces = self._pieces()
        seen = {value.name + SEEN for value in self.proto.graph.output} if self.given else set()
        read_later: list[set[str]] = [seen]
        for piece in reversed(pieces[1:]):
            read_later.append(read_later[-1] | self._crossing(piece))
        for piece, later in zip(pieces, reversed(read_later), strict=True):
            yield self._segment(piece, later)

    def _pieces(self) -> list[list[onnx.NodeProto]]:
        """The nodes that compute something new, cut before every layer."""
        pieces: list[list[onnx.NodeProto]] = [[]]
        for node in self.proto.graph.node:
            if node.name in self.layers:
                pieces.append([])
            if not self._repeatable(node):
                pieces[-1].append(node)
        return pieces

    def _repeatable(self, node: onnx.NodeProto) -> bool:
        return node.op_type in ("DequantizeLinear", "Constant")

    def _crossing(self, piece: Sequence[onnx.NodeProto]) -> set[str]:
        """Values that a piece reads from outside: through what is repeated, to what is not."""
        made = {name for node in piece for name in node.output}
        found: set[str] = set()
        waiting = [name for node in piece for name in reads(node)]
        while waiting:
            name = waiting.pop()
            maker = self.makers.get(name)
            if name in made or name in self.constants or name in found:
                continue
            if maker is not None and self._repeatable(maker):
                waiting.extend(reads(maker))
            elif name in self.inputs or maker is not None:
                found.add(name)
        return found

    def _segment(self, piece: Sequence[onnx.NodeProto], later: set[str]) -> Segment:
        layer = next((node for node in piece if node.name in self.layers), None)
        made = {name for node in piece for name in node.output}
        outputs = sorted(made & later)
        inputs = sorted(self._crossing(piece))
        last_read = tuple(name for name in inputs if name not in later)
        if layer is None:
            model = self._model(piece, inputs, outputs)
            return Segment("", "", "", "", "", tuple(inputs), tuple(outputs), last_read, model)
        bias = layer.input[2] if layer.op_type != "MatMul" and len(layer.input) > 2 else ""
        result, weight, data = layer.output[0], layer.input[1], self.makers[layer.input[0]].input[0]
        if self.given:
            rest = [node for node in piece if node is not layer]
            outputs = [name for name in outputs if name != result]
            model = self._model(rest, [*inputs, result], outputs)
        else:
            model = self._model(piece, [*inputs, weight, *([bias] if bias else [])], sorted({*outputs, result}))
        return Segment(layer.name, result, data, weight, bias, tuple(inputs), tuple(outputs), last_read, model)

    def _model(self, piece: Sequence[onnx.NodeProto], inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
        nodes, constants = self._with_repeated(piece, frozenset(inputs))
        graph = helper.make_graph(
            nodes,
            "segment",
            [self._described(name) for name in inputs],
            [onnx.ValueInfoProto(name=name) for name in outputs],
            constants,
        )
        model = helper.make_model(
            graph,
            opset_imports=self.proto.opset_import,
            functions=self.proto.functions,
            ir_version=self.proto.ir_version,
        )
        content: bytes = model.SerializeToString()
        return content

    def _with_repeated(
        self, piece: Sequence[onnx.NodeProto], given: frozenset[str]
    ) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
        nodes: list[onnx.NodeProto] = []
        done: set[str] = set(given)
        constants: dict[str, onnx.TensorProto] = {}

        def take(node: onnx.NodeProto) -> None:
            for name in reads(node):
                if name in done:
                    continue
                done.add(name)
                if name in self.constants:
                    constants[name] = self.constants[name]
                elif name in self.makers and self._repeatable(self.makers[name]):
                    take(self.makers[name])
            nodes.append(node)

        for node in piece:
            take(node)
        return nodes, list(constants.values())

    def _described(self, name: str) -> onnx.ValueInfoProto:
        """An input of the segment: integers where a QuantizeLinear or what moves its result made it, else float."""
        if name in self.inputs:
            return self.inputs[name]
        kind = self._types.get(name, onnx.TensorProto.FLOAT)
        value: onnx.ValueInfoProto = helper.make_tensor_value_info(name, kind, None)
        return value

    @cached_property
    def _types(self) -> dict[str, int]:
        known = _inferred_types(self.proto)
        for node in self.proto.graph.node:
            moves = known.get(next(iter(node.input), "")) == onnx.TensorProto.UINT8
            if node.op_type == "QuantizeLinear" or (moves and node.op_type != "DequantizeLinear"):
                known.update(dict.fromkeys(node.output, onnx.TensorProto.UINT8))
        return known


def _inferred_types(proto: onnx.ModelProto) -> dict[str, int]:
    """Value name to element type: what the file says, and what onnx infers, which needs no weights for that."""
    graph = onnx.GraphProto(node=proto.graph.node, input=proto.graph.input, value_info=proto.graph.value_info)
    given = {value.name for value in graph.input}
    for tensor in proto.graph.initializer:
        if tensor.name not in given:
            graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    bare = onnx.ModelProto(
        ir_version=proto.ir_version, opset_import=proto.opset_import, functions=proto.functions, graph=graph
    )
    try:
        graph = onnx.shape_inference.infer_shapes(bare).graph
    except (onnx.shape_inference.InferenceError, RuntimeError, ValueError):
        graph = bare.graph  # what the file says is all there is
    return {value.name: value.type.tensor_type.elem_type for value in (*graph.value_info, *graph.output)}
