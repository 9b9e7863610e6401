"""The Model: an ONNX graph with its weights, its shapes and its layers."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import onnx_ir as ir

from desktop_app.core.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from desktop_app.graph.channels import ChannelMap

ORIGIN_KEY = "compression_studio.origin"
"""Node metadata: the name of the layer in the opened model from which a step made this node."""

FIRST_FREE_IR_VERSION = 4
"""The first version of the format in which initializers need not be inputs."""

BYTE = 8

NORM_SCALE_KEY = "compression_studio.norm_scale"
"""In a node's `meta` (kept in memory, never written): the scale of the batch normalisation that was folded into it."""

LATENT_KEY = "compression_studio.latent"
"""In the `meta` of stored integers (kept in memory, never written): the floats that they were rounded from."""

DECODER_KEY = "studio.decoder"
"""Metadata of nodes that only turn a stored weight back into what the layer reads: by which input the weight comes."""


class Model:
    """An ONNX graph with its weights. Treated as immutable: a step clones it, rewrites the clone and returns that.

    What is derived from the graph (shapes, layers, channels) is computed when first asked for and kept, which
    is sound because a Model that has been handed out is never rewritten.
    """

    def __init__(self, graph_model: ir.Model) -> None:
        self.ir = graph_model
        _name_nodes(graph_model)
        _forget_format_inputs(graph_model)
        _hold_arrays(graph_model)

    @cached_property
    def nodes(self) -> tuple[ir.Node, ...]:
        """The nodes of the main graph and of all graphs inside it, in order."""
        return tuple(nodes_of(self.graph))

    @property
    def graph(self) -> ir.Graph:
        """The main graph."""
        return self.ir.graph

    @property
    def opset(self) -> int:
        """Version of the standard operator set that the model imports; 0 when it imports none."""
        return self.ir.opset_imports.get("", self.ir.opset_imports.get("ai.onnx", 0)) or 0

    @cached_property
    def shapes(self) -> "Mapping[str, tuple[int, ...]]":
        """Value name to shape for one sample, as far as it is known; unknown dimensions are -1."""
        from desktop_app.graph.shapes import infer_shapes

        return infer_shapes(self)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layer table in execution order."""
        from desktop_app.graph.layers import find_layers

        return find_layers(self)

    @cached_property
    def channels(self) -> "ChannelMap":
        """Which channels must be cut together."""
        from desktop_app.graph.channels import map_channels

        return map_channels(self)

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises KeyError."""
        return self._layers_by_name[name]

    @cached_property
    def _layers_by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    def node(self, name: str) -> ir.Node:
        """The node of that name in the main graph. Raises KeyError."""
        return self._nodes_by_name[name]

    @cached_property
    def _nodes_by_name(self) -> dict[str, ir.Node]:
        return {node.name or "": node for node in self.graph}

    def constant(self, name: str) -> np.ndarray:
        """The array of an initializer of the main graph. Raises KeyError."""
        value = self.graph.initializers[name].const_value
        if value is None:
            raise KeyError(name)
        return value.numpy()

    def clone(self) -> "Model":
        """A copy whose graph may be rewritten; tensors are shared, they are immutable."""
        return Model(self.ir.clone())

    def to_bytes(self) -> bytes:
        """The model as a protobuf, weights inside; equal models give equal bytes. Up to 2 GB."""
        inside = ir.to_proto(_with_weights_inside(self.ir))
        serialised: bytes = inside.SerializeToString(deterministic=True)
        return serialised


def nodes_of(graph: "Iterable[ir.Node]") -> "Iterator[ir.Node]":
    """The nodes of a graph or function, each followed by those of the graphs inside it."""
    for node in graph:
        yield node
        for body in bodies_of(node):
            yield from nodes_of(body)


def bodies_of(node: ir.Node) -> "Iterator[ir.Graph]":
    """The graphs inside a node: branches, and bodies of loops."""
    for attribute in node.attributes.values():
        if attribute.is_ref():
            continue
        if attribute.type == ir.AttributeType.GRAPH:
            yield attribute.as_graph()
        elif attribute.type == ir.AttributeType.GRAPHS:
            yield from attribute.as_graphs()


def _name_nodes(model: ir.Model) -> None:
    """Gives every node of the main graph and its subgraphs a unique name; ONNX Runtime refuses duplicates."""
    seen: set[str] = set()
    for index, node in enumerate(nodes_of(model.graph)):
        name = node.name or f"{node.op_type}_{index}"
        while name in seen:
            name = f"{name}_{index}"
        if name != node.name:
            node.name = name
        seen.add(name)


def _forget_format_inputs(model: ir.Model) -> None:
    """Takes initializers from the inputs where they stand there only for the sake of the format.

    IR version 3 listed every initializer as an input, and some exporters went on to do so. Where only some initializers
    are inputs too, the author meant callers to override them: those stay inputs, and are no constants.
    """
    presets = [value for value in model.graph.initializers.values() if value.is_graph_input()]
    if presets and (len(presets) == len(model.graph.initializers) or model.ir_version < FIRST_FREE_IR_VERSION):
        others = [value for value in model.graph.inputs if value.name not in model.graph.initializers]
        model.graph.inputs.clear()
        model.graph.inputs.extend(others)
        model.ir_version = max(model.ir_version, FIRST_FREE_IR_VERSION)


def _hold_arrays(model: ir.Model) -> None:
    """Decodes initializers once: a tensor over a protobuf does so at every look. Equal shapes are one object."""
    shapes: dict[tuple[int, ...], ir.Shape] = {}
    for graph in model.graphs():
        for value in graph.initializers.values():
            tensor = value.const_value
            if isinstance(tensor, ir.serde.TensorProtoTensor) and (dtype := tensor.dtype).bitwidth >= BYTE:
                array = tensor.numpy()
                shape = shapes.get(array.shape)
                if shape is None:
                    shape = shapes[array.shape] = ir.Shape(array.shape, frozen=True)
                value.const_value = ir.Tensor(array, dtype, shape=shape, name=tensor.name)


def _with_weights_inside(model: ir.Model) -> ir.Model:
    """The model itself, or, where some weights lie in files of their own, a copy that has read them."""
    if not any(isinstance(tensor, ir.ExternalTensor) for tensor in _tensors(model)):
        return model
    model = model.clone()
    for graph in model.graphs():
        for value in graph.initializers.values():
            if isinstance(value.const_value, ir.ExternalTensor):
                value.const_value = _read(value.const_value)
    for node in nodes_of(model.graph):
        for name, attribute in list(node.attributes.items()):
            if isinstance(attribute.value, ir.ExternalTensor):
                node.attributes[name] = ir.AttrTensor(name, _read(attribute.value))
    return model


def _tensors(model: ir.Model) -> "Iterator[object]":
    """All tensors of the graphs: initializers, and attributes of nodes."""
    for graph in model.graphs():
        yield from (value.const_value for value in graph.initializers.values())
    for node in nodes_of(model.graph):
        yield from (attribute.value for attribute in node.attributes.values())


def _read(tensor: ir.ExternalTensor) -> ir.Tensor:
    """The tensor with its memory-mapped values."""
    return ir.Tensor(tensor.numpy(), dtype=tensor.dtype, shape=tensor.shape, name=tensor.name)
