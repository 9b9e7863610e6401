"""Texts of a model must be texts: protobuf gives raw bytes, without a word, for what is not valid UTF-8."""

from collections.abc import Iterable

import onnx

from desktop_app.core.errors import InvalidFileError


def check_model_texts(proto: onnx.ModelProto) -> None:
    """Checks what stands outside of graphs and nodes.

    Raises:
        InvalidFileError: when something is not valid text.
    """
    _require("the model's description", (proto.producer_name, proto.producer_version, proto.domain, proto.doc_string))
    _require("the model's operator sets", (opset.domain for opset in proto.opset_import))
    _require_properties("the model", proto.metadata_props)
    for function in proto.functions:
        _require("a function", (function.name, function.domain, function.overload, function.doc_string))
        _require("a function", (*function.input, *function.output, *function.attribute))
        _require("a function", (attribute.name for attribute in function.attribute_proto))
        _require_values(function.value_info)
        _require_properties("a function", function.metadata_props)


def check_graph_texts(graph: onnx.GraphProto) -> None:
    """Checks the names of a graph, of its values and tensors. Raises InvalidFileError."""
    _require("a graph", (graph.name, graph.doc_string))
    _require_properties("a graph", graph.metadata_props)
    _require("a tensor", (tensor.name for tensor in graph.initializer))
    _require("a tensor", (sparse.values.name for sparse in graph.sparse_initializer))
    for values in (graph.input, graph.output, graph.value_info):
        _require_values(values)


def check_node_texts(node: onnx.NodeProto) -> None:
    """Checks the names that a node has and uses. Raises InvalidFileError."""
    _require(
        "a node", (node.name, node.op_type, node.domain, node.overload, node.doc_string, *node.input, *node.output)
    )
    _require("an attribute", (text for one in node.attribute for text in (one.name, one.ref_attr_name)))
    _require_properties("a node", node.metadata_props)


def _require_values(values: Iterable[onnx.ValueInfoProto]) -> None:
    for value in values:
        _require("a value", (value.name, value.doc_string))
        _require_properties("a value", value.metadata_props)
        if value.type.HasField("tensor_type"):
            _require("a dimension", (dim.dim_param for dim in value.type.tensor_type.shape.dim))


def _require_properties(owner: str, properties: Iterable[onnx.StringStringEntryProto]) -> None:
    _require(owner, (text for entry in properties for text in (entry.key, entry.value)))


def _require(owner: str, texts: Iterable[object]) -> None:
    if not set(map(type, texts)) <= {str}:
        raise InvalidFileError(
            f"A name of {owner} is no valid text (UTF-8): the file is damaged or wrong; export the model again."
        )
