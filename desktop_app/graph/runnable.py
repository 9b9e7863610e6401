"""The part of a model that computes certain values, written out by itself to be opened at once.

Methods that go through a model layer by layer open a session for each: to copy all of the model for each takes longer
than to run the layer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import onnx
import onnx_ir as ir

from desktop_app.graph.extracting import between
from desktop_app.graph.model import Model, bodies_of

Types = Mapping[str, tuple[ir.DataType, tuple[int | None, ...]]]
"""Type and shape of values, by name; sizes that are left open are None."""

MOST_BYTES = 256 * 2**20
"""Of the weights of a part that is written out; what is larger goes the way of whole models."""


def runnable(model: Model, given: Types, names: Sequence[str]) -> bytes | Model:
    """What computes the named values from others that are given: a model with these names as its outputs.

    Args:
        model: The model.
        given: What is known beside the model's inputs.
        names: Values of the main graph.
    """
    part = _part(model, given, names)
    return _copied(model, given, names) if part is None else _written(model, part, given, names)


@dataclass(frozen=True)
class _Part:
    """Nodes in execution order, and what they read of inputs and constants."""

    nodes: Sequence[ir.Node]
    inputs: Sequence[ir.Value]
    constants: Sequence[tuple[str, ir.TensorProtocol]]


def _part(model: Model, given: Types, names: Sequence[str]) -> _Part | None:
    """What is needed; None where nodes alone do not tell it: functions, graphs inside nodes, weights in files."""
    nodes = tuple(reversed([*_needed(model, given, names)]))
    read = {value.name or "": value for node in nodes for value in node.inputs if value is not None}
    graph = model.graph
    inputs = [value for value in graph.inputs if value.name in read or value.name in names]
    taken = {value.name for value in inputs} | given.keys()
    constants = [(name, graph.initializers[name].const_value) for name in read if name in graph.initializers]
    own = [(name, tensor) for name, tensor in constants if name not in given and tensor is not None]
    known = taken | {value.name for node in nodes for value in node.outputs}
    plain = not model.ir.functions and not any(True for node in nodes for _ in bodies_of(node))
    inside = not any(isinstance(one, ir.ExternalTensor) for one in _tensors(nodes, own))
    small = sum(tensor.nbytes for _, tensor in own) <= MOST_BYTES
    return _Part(nodes, inputs, own) if plain and inside and small and known.issuperset(names) else None


def _needed(model: Model, given: Types, names: Sequence[str]) -> Iterator[ir.Node]:
    """The nodes on which the named values depend, the last first."""
    wanted: set[str | None] = {name for name in names if name not in given}
    for node in reversed(model.graph):
        if not wanted.isdisjoint(value.name for value in node.outputs):
            yield node
            wanted.update(value.name for value in node.inputs if value is not None and value.name not in given)


def _tensors(nodes: Sequence[ir.Node], constants: Sequence[tuple[str, ir.TensorProtocol]]) -> Iterator[object]:
    yield from (tensor for _, tensor in constants)
    yield from (attribute.value for node in nodes for attribute in node.attributes.values())


def _written(model: Model, part: _Part, given: Types, names: Sequence[str]) -> bytes:
    proto = onnx.ModelProto(ir_version=model.ir.ir_version)
    for domain, version in sorted(model.ir.opset_imports.items()):
        proto.opset_import.add(domain=domain, version=version)
    graph, own = proto.graph, {value.name for value in part.inputs}
    graph.name = model.graph.name or "part"
    graph.node.extend(ir.serde.serialize_node(node) for node in part.nodes)
    graph.input.extend(ir.serde.serialize_value(value) for value in part.inputs)
    read = {value.name for node in part.nodes for value in node.inputs if value is not None} | {*names}
    for name, (dtype, shape) in given.items():
        if name in read and name not in own:
            value = ir.Value(name=name, shape=ir.Shape(shape), type=ir.TensorType(dtype))
            graph.input.append(ir.serde.serialize_value(value))
    for name, tensor in part.constants:
        stored = ir.serde.serialize_tensor(tensor)
        stored.name = name
        graph.initializer.append(stored)
    outputs = {value.name: value for value in model.graph.outputs}
    for name in dict.fromkeys(names):
        described = ir.serde.serialize_value(outputs[name]) if name in outputs else onnx.ValueInfoProto(name=name)
        graph.output.append(described)
    serialised: bytes = proto.SerializeToString()
    return serialised


def _copied(model: Model, given: Types, names: Sequence[str]) -> Model:
    part = between(model, given, names)
    values = {value.name: value for node in part.graph for value in node.outputs}
    values.update({value.name: value for value in part.graph.inputs})
    values.update(part.graph.initializers)
    part.graph.outputs.extend(values[name] for name in dict.fromkeys(names))
    return part
