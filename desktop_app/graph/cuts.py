"""A model cut open behind one layer after another, so that each can be changed alone and the rest run on what it gives.

A model with one layer changed need not be run from its start: what comes before the layer is the same. So the values
that cross the cut are kept from layer to layer, and only the layer and what comes after it run.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnx_ir as ir
from onnx import helper

from desktop_app.graph.model import Model

Values = Mapping[str, np.ndarray]
"""Value name to array."""

ACTIVATIONS = frozenset({"Relu", "Clip"})
"""What quantisation computes together with the layer before it."""


@dataclass(frozen=True)
class Cut:
    """The place behind a layer.

    Attributes:
        layer: Its name.
        result: The value that the layer gives; behind its Relu or Clip, where only that reads it.
        piece: The layer and that activation.
        between: All nodes from the last cut to this one.
        after: All nodes behind this one.
        crossing: The values that those read, and outputs of the model that are known by now.
    """

    layer: str
    result: str
    piece: tuple[onnx.NodeProto, ...]
    between: tuple[onnx.NodeProto, ...]
    after: tuple[onnx.NodeProto, ...]
    crossing: tuple[str, ...]


class CutModel:
    """A model whose parts can be had as models of their own."""

    def __init__(self, model: Model) -> None:
        self._proto = onnx.load_model_from_string(model.to_bytes())
        graph = self._proto.graph
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        self._nodes = tuple(graph.node)
        self._readers: dict[str, list[int]] = {}
        for position, node in enumerate(self._nodes):
            for name in reads(node):
                self._readers.setdefault(name, []).append(position)
        self.outputs = tuple(value.name for value in graph.output)
        self.inputs = tuple(value.name for value in graph.input if value.name not in self._constants)

    def cuts(self, layers: Collection[str]) -> Iterator[Cut]:
        """The cuts behind the named layers of the main graph, in order of execution."""
        done: set[int] = set()
        for position, node in enumerate(self._nodes):
            if node.name not in layers or position in done:
                continue
            activation = self._activation(node)
            piece = (position,) if activation is None else (position, activation)
            now = {*range(position + 1), *piece, *done}
            yield Cut(
                layer=node.name,
                result=self._nodes[piece[-1]].output[0],
                piece=self._picked(piece),
                between=self._picked(sorted(now - done)),
                after=self._picked(one for one in range(len(self._nodes)) if one not in now),
                crossing=self._crossing(now),
            )
            done = now

    def needs(self, piece: Sequence[onnx.NodeProto]) -> tuple[str, ...]:
        """The values that a piece reads, of those that are computed or given."""
        made = {name for node in piece for name in node.output}
        found = (name for node in piece for name in reads(node))
        return tuple(dict.fromkeys(name for name in found if name not in made and name not in self._constants))

    def part(self, nodes: Sequence[onnx.NodeProto], given: Values, wanted: Iterable[str], *, single: bool) -> Model:
        """Those nodes that are needed to compute some values from others, as a model.

        Args:
            nodes: In order of execution.
            given: What is known; their element types and shapes are those of the part's inputs.
            wanted: What it shall give.
            single: Whether the first axes are of samples, so that any number of these may be given.
        """
        wanted = list(dict.fromkeys(wanted))
        needed, kept = set(wanted), list[onnx.NodeProto]()
        for node in reversed(nodes):
            if not needed.isdisjoint(node.output) and not needed.intersection(node.output) <= given.keys():
                kept.append(node)
                needed.update(reads(node))
        graph = helper.make_graph(
            kept[::-1],
            "part",
            [_described(name, array, single) for name, array in given.items() if name in needed],
            [onnx.ValueInfoProto(name=name) for name in wanted],
            [tensor for name, tensor in self._constants.items() if name in needed and name not in given],
        )
        proto = helper.make_model(
            graph,
            opset_imports=self._proto.opset_import,
            functions=self._proto.functions,
            ir_version=max(self._proto.ir_version, 4),
        )
        return Model(ir.from_proto(proto))

    def _activation(self, node: onnx.NodeProto) -> int | None:
        readers = self._readers.get(node.output[0], [])
        if len(readers) != 1 or node.output[0] in self.outputs:
            return None
        only = self._nodes[readers[0]]
        constant = all(name in self._constants for name in only.input[1:] if name)
        return readers[0] if only.op_type in ACTIVATIONS and constant else None

    def _crossing(self, done: set[int]) -> tuple[str, ...]:
        known = [*self.inputs, *(name for one in sorted(done) for name in self._nodes[one].output if name)]
        return tuple(
            name
            for name in known
            if name in self.outputs or any(reader not in done for reader in self._readers.get(name, ()))
        )

    def _picked(self, positions: Iterable[int]) -> tuple[onnx.NodeProto, ...]:
        return tuple(self._nodes[position] for position in positions)


def reads(node: onnx.NodeProto) -> list[str]:
    """Names of the values that a node reads, those of its subgraphs included."""
    names = [name for name in node.input if name]
    for attribute in node.attribute:
        graphs = [attribute.g, *attribute.graphs] if attribute.type in (attribute.GRAPH, attribute.GRAPHS) else []
        for graph in graphs:
            names += [name for inner in graph.node for name in reads(inner)]
            names += [value.name for value in graph.output]
    return names


def _described(name: str, array: np.ndarray, single: bool) -> onnx.ValueInfoProto:
    shape: list[int | str] = list(array.shape)
    if single and shape:
        shape[0] = "samples"
    value: onnx.ValueInfoProto = helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(array.dtype), shape
    )
    return value
