"""Shapes of all values for one sample, by onnx's shape inference on a copy of the graph without its weights."""

from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from math import prod

import numpy as np
import onnx
import onnx_ir as ir

from desktop_app.graph.assumptions import input_shapes
from desktop_app.graph.model import Model
from desktop_app.graph.protos import declare, model_proto, node_proto
from desktop_app.graph.shape_constants import MAX_ELEMENTS, small_constants
from desktop_app.graph.stand_ins import readable_opset, stand_in

Shape = tuple[int, ...]

MAX_ROUNDS = 6
"""Each round computes the shapes that the last one left open because they are themselves computed in the graph."""

MAX_FOLLOWED = 64 * MAX_ELEMENTS
"""Elements of a value that onnx may compute on its way."""

MAX_SCALES = 8
SCALED = frozenset({"Resize", "Upsample", "Range"})
"""The operators whose shapes depend on floats: no more than a few of them."""

INFERENCE_ERRORS = (
    onnx.shape_inference.InferenceError,
    onnx.checker.ValidationError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def infer_shapes(model: Model) -> Mapping[str, Shape]:
    """Value name to shape for one sample; -1 stands for a dimension that is not known, absence for an unknown rank.

    What the inference does not find is taken from what the file says. Never raises: an inference that fails leaves the
    latter alone.
    """
    samples = input_shapes(model)
    constants: dict[str, np.ndarray] = {}
    inferred: dict[str, Shape] = {}
    for _ in range(MAX_ROUNDS):
        inferred = _infer(model, samples, constants)
        if _complete(model, inferred):
            break
        found = small_constants(model, inferred)
        if found.keys() <= constants.keys():
            break
        constants = found
    return {**_declared(model, samples, inferred), **inferred, **samples}


def _infer(model: Model, samples: Mapping[str, Shape], constants: Mapping[str, np.ndarray]) -> dict[str, Shape]:
    """One run of onnx's inference, with the values of `constants` in the place of the nodes that compute them."""
    try:
        proto = _weightless(model, samples, constants)
        result = onnx.shape_inference.infer_shapes(proto, data_prop=_is_bounded(proto.graph))
    except INFERENCE_ERRORS:
        return {}
    return dict(_read(result.graph))


def _complete(model: Model, shapes: Mapping[str, Shape]) -> bool:
    """Whether the shape of every value of the main graph is wholly known."""
    return all(
        value.name in shapes and -1 not in shapes[value.name]
        for node in model.graph
        for value in node.outputs
        if value.name
    )


def _weightless(model: Model, samples: Mapping[str, Shape], constants: Mapping[str, np.ndarray]) -> onnx.ModelProto:
    """The graph with the inputs of one sample; weights are inputs there, of which only the shape is said."""
    graph = onnx.GraphProto()
    for value in model.graph.inputs:
        if value.name not in model.graph.initializers:
            _declare_input(graph, value, samples.get(value.name or ""))
    for name, value in model.graph.initializers.items():
        if value.const_value is not None:
            _declare_constant(graph, name, value, value.const_value)
    opset = model.opset
    for node in model.graph:
        constant = _large_constant(node)
        if constant is not None:
            _declare_constant(graph, node.outputs[0].name or "", node.outputs[0], constant)
        elif node.outputs and all(value.name in constants for value in node.outputs):
            for value in node.outputs:
                graph.initializer.append(onnx.numpy_helper.from_array(constants[value.name or ""], value.name))
        else:
            graph.node.extend(stand_in(node_proto(node), opset))
    for value in model.graph.outputs:
        _declare_output(graph, value)
    proto = model_proto(graph, {**model.ir.opset_imports, "": readable_opset(opset)})
    proto.functions.extend(ir.serde.serialize_function(function) for function in model.ir.functions.values())
    return proto


def _length(value: onnx.ValueInfoProto) -> int:
    """Elements of an input that may hold a shape; onnx follows those, though it knows none of them."""
    dims = value.type.tensor_type.shape.dim
    return max(int(dims[0].dim_value), 1) if len(dims) == 1 else 1


def _is_bounded(graph: onnx.GraphProto) -> bool:
    """Whether the values that onnx follows stay small: a chain of Concat can double them at every node."""
    if not any(node.op_type == "Concat" for node in graph.node):
        return True
    lengths = {tensor.name: MAX_ELEMENTS for tensor in graph.initializer}
    lengths.update({value.name: _length(value) for value in graph.input})
    for node in graph.node:
        known = [lengths.get(name, 0) for name in node.input]
        length = sum(known) if node.op_type == "Concat" else max(known, default=MAX_ELEMENTS)
        if node.op_type == "Shape":
            length = MAX_ELEMENTS
        if length > MAX_FOLLOWED:
            return False
        lengths.update(dict.fromkeys(node.output, length))
    return True


def _large_constant(node: ir.Node) -> ir.TensorProtocol | None:
    """The tensor of a Constant node that is too large to say a shape."""
    if node.op_type != "Constant" or "value" not in node.attributes:
        return None
    tensor: ir.TensorProtocol = node.attributes["value"].value
    return tensor if tensor.size > MAX_ELEMENTS else None


def _declare_input(graph: onnx.GraphProto, value: ir.Value, shape: Shape | None) -> None:
    info = graph.input.add(name=value.name or "")
    if isinstance(value.type, ir.TensorType):
        declare(info, int(value.type.dtype), shape)
    elif value.type is not None:
        ir.serde.serialize_type_into(info.type, from_=value.type)


def _declare_constant(graph: onnx.GraphProto, name: str, value: ir.Value, tensor: ir.TensorProtocol) -> None:
    """A constant that may say a shape keeps its values, the others are inputs of their shape."""
    shape = tensor.shape.numpy()
    if _may_say_shape(value, tensor.dtype, prod(shape)):
        proto = graph.initializer.add()
        ir.serde.serialize_tensor_into(proto, from_=tensor)
        proto.name = name
    else:
        declare(graph.input.add(name=name), int(tensor.dtype), shape)


def _may_say_shape(value: ir.Value, dtype: ir.DataType, elements: int) -> bool:
    """Whether a shape may depend on a constant: on integers, or on the few floats that scale an image."""
    if dtype in (ir.DataType.INT64, ir.DataType.INT32):
        return elements <= MAX_ELEMENTS
    if elements > MAX_SCALES or dtype == ir.DataType.STRING:
        return False
    return not dtype.is_floating_point() or any(use.node.op_type in SCALED for use in value.uses())


def _declare_output(graph: onnx.GraphProto, value: ir.Value) -> None:
    """Outputs keep their type only: a shape that the file says wrongly would stop the inference."""
    info = graph.output.add(name=value.name or "")
    if isinstance(value.type, ir.TensorType):
        declare(info, int(value.type.dtype), None)


def _read(graph: onnx.GraphProto) -> Iterator[tuple[str, Shape]]:
    """Names and shapes of all values that have one, those of subgraphs included."""
    for values in (graph.input, graph.value_info, graph.output):
        for info in values:
            shape = _shape_of(info.type.SerializeToString())
            if shape is not None:
                yield info.name, shape
    for tensor in graph.initializer:
        yield tensor.name, tuple(tensor.dims)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _read(attribute.g)


@lru_cache(maxsize=4096)
def _shape_of(serialised: bytes) -> Shape | None:
    """The shape in a type, read once for all the values of that type; None where it has none."""
    kind = onnx.TypeProto.FromString(serialised).tensor_type
    if not kind.HasField("shape"):
        return None
    return tuple([dim.dim_value if dim.HasField("dim_value") else -1 for dim in kind.shape.dim])


def _declared(model: Model, samples: Mapping[str, Shape], known: Container[str]) -> dict[str, Shape]:
    """What the file says of all other values, with the sizes that the samples give to its symbols."""
    symbols = {
        dim.value: size
        for value in model.graph.inputs
        if value.name in samples and value.shape is not None
        for dim, size in zip(value.shape, samples[value.name or ""], strict=True)
        if isinstance(dim, ir.SymbolicDim) and dim.value
    }
    return {
        value.name or "": tuple(_size(dim, symbols) for dim in value.shape)
        for graph in model.ir.graphs()
        for value in _values(graph)
        if value.name not in known and value.shape is not None
    }


def _values(graph: ir.Graph) -> Iterator[ir.Value]:
    yield from graph.inputs
    yield from graph.initializers.values()
    for node in graph:
        yield from node.outputs


def _size(dim: "int | ir.SymbolicDim", symbols: Mapping[str, int]) -> int:
    if isinstance(dim, int):
        return dim if dim >= 0 else -1
    return symbols.get(dim.value or "", -1)
