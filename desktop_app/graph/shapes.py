"""Shapes of all values for one sample, by onnx's shape inference on a copy of the graph without its weights."""

from collections.abc import Iterator, Mapping

import onnx
import onnx_ir as ir

from desktop_app.graph.assumptions import input_shapes
from desktop_app.graph.model import Model
from desktop_app.graph.stand_ins import readable_opset, stand_in

MAX_TARGET_ELEMENTS = 64
"""Constants up to this size may say a shape (the target of Reshape, the scales of Resize) and keep their values."""

TARGET_TYPES = (ir.DataType.INT64, ir.DataType.INT32, ir.DataType.FLOAT, ir.DataType.BOOL)

INFERENCE_ERRORS = (
    onnx.shape_inference.InferenceError,
    onnx.checker.ValidationError,
    ValueError,
    RuntimeError,
    TypeError,
)


def infer_shapes(model: Model) -> Mapping[str, tuple[int, ...]]:
    """Value name to shape for one sample; -1 stands for a dimension that is not known, absence for an unknown rank.

    What the inference does not find is taken from what the file says. Never raises: an inference that fails leaves the
    latter alone.
    """
    samples = input_shapes(model)
    inferred = _infer(model, samples)
    symbols = _symbols(model, samples)
    shapes: dict[str, tuple[int, ...]] = {}
    for graph in model.ir.graphs():
        for value in _values(graph):
            if value.name not in inferred and value.shape is not None:
                shapes[value.name or ""] = tuple(_size(dim, symbols) for dim in value.shape)
    return {**shapes, **inferred, **samples}


def _infer(model: Model, samples: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    try:
        result = onnx.shape_inference.infer_shapes(_weightless(model, samples), data_prop=True)
    except INFERENCE_ERRORS:
        return {}
    return dict(_read(result.graph))


def _weightless(model: Model, samples: Mapping[str, tuple[int, ...]]) -> onnx.ModelProto:
    """The graph with the inputs of one sample; weights are inputs there, of which only the shape is said.

    Built node by node and without names, which is several times faster than to serialise 20,000 nodes whole.
    """
    graph = onnx.GraphProto()
    for value in model.graph.inputs:
        if value.name not in model.graph.initializers:
            _declare(graph, value, samples.get(value.name or ""))
    for value in model.graph.initializers.values():
        _declare_constant(graph, value, value.const_value)
    for node in model.graph:
        constant = _large_constant(node)
        if constant is not None:
            _declare_constant(graph, node.outputs[0], constant)
        else:
            graph.node.extend(stand_in(_bare(node), model.opset))
    for value in model.graph.outputs:
        _declare_output(graph, value)
    opsets = {**model.ir.opset_imports, "": readable_opset(model.opset)}
    proto = onnx.ModelProto(ir_version=min(model.ir.ir_version or 8, onnx.IR_VERSION), graph=graph)
    proto.opset_import.extend(onnx.OperatorSetIdProto(domain=key, version=one) for key, one in opsets.items())
    proto.functions.extend(ir.serde.serialize_function(function) for function in model.ir.functions.values())
    return proto


def _bare(node: ir.Node) -> onnx.NodeProto:
    proto = onnx.NodeProto(
        op_type=node.op_type,
        domain=node.domain,
        overload=node.overload,
        input=["" if value is None else value.name or "" for value in node.inputs],
        output=[value.name or "" for value in node.outputs],
    )
    for attribute in node.attributes.values():
        ir.serde.serialize_attribute_into(proto.attribute.add(), from_=attribute)
    return proto


def _large_constant(node: ir.Node) -> ir.TensorProtocol | None:
    """The tensor of a Constant node that is too large to be a shape."""
    if node.op_type != "Constant" or "value" not in node.attributes:
        return None
    tensor: ir.TensorProtocol = node.attributes["value"].value
    return tensor if tensor.size > MAX_TARGET_ELEMENTS else None


def _declare(graph: onnx.GraphProto, value: ir.Value, shape: tuple[int, ...] | None) -> None:
    """Makes a value an input of the given shape; of any shape when None."""
    info = graph.input.add(name=value.name or "")
    if value.type is not None:
        ir.serde.serialize_type_into(info.type, from_=value.type)
    if shape is not None and info.type.WhichOneof("value") == "tensor_type":
        _write_shape(info, shape)


def _declare_constant(graph: onnx.GraphProto, value: ir.Value, tensor: ir.TensorProtocol | None) -> None:
    if tensor is None:
        return
    if tensor.size <= MAX_TARGET_ELEMENTS and (tensor.dtype in TARGET_TYPES):
        proto = graph.initializer.add()
        ir.serde.serialize_tensor_into(proto, from_=tensor)
        proto.name = value.name or ""
        return
    info = graph.input.add(name=value.name or "")
    info.type.tensor_type.elem_type = int(tensor.dtype)
    _write_shape(info, tuple(int(dim) for dim in tensor.shape))


def _declare_output(graph: onnx.GraphProto, value: ir.Value) -> None:
    """Outputs keep their type only: a shape that the file says wrongly would stop the inference."""
    info = graph.output.add(name=value.name or "")
    if value.type is not None and isinstance(value.type, ir.TensorType):
        info.type.tensor_type.elem_type = int(value.type.dtype)


def _write_shape(info: onnx.ValueInfoProto, shape: tuple[int, ...]) -> None:
    dims = info.type.tensor_type.shape.dim
    for size in shape:
        dims.add(dim_value=size)
    if not shape:
        info.type.tensor_type.shape.SetInParent()


def _read(graph: onnx.GraphProto) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of all values that have one, those of subgraphs included."""
    for values in (graph.input, graph.value_info, graph.output):
        for info in values:
            kind = info.type.tensor_type
            if kind.HasField("shape"):
                yield info.name, tuple([dim.dim_value if dim.HasField("dim_value") else -1 for dim in kind.shape.dim])
    for tensor in graph.initializer:
        yield tensor.name, tuple(tensor.dims)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _read(attribute.g)


def _values(graph: ir.Graph) -> Iterator[ir.Value]:
    yield from graph.inputs
    yield from graph.initializers.values()
    for node in graph:
        yield from node.outputs


def _symbols(model: Model, samples: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """The sizes that the samples give to the symbols of the inputs."""
    return {
        dim.value: size
        for value in model.graph.inputs
        if value.name in samples and value.shape is not None
        for dim, size in zip(value.shape, samples[value.name], strict=True)
        if isinstance(dim, ir.SymbolicDim) and dim.value
    }


def _size(dim: "int | ir.SymbolicDim", symbols: Mapping[str, int]) -> int:
    if isinstance(dim, int):
        return dim if dim >= 0 else -1
    return symbols.get(dim.value or "", -1)
