"""Weights that stay in their files: tensors over one memory map for each file."""

import mmap
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import onnx_ir as ir

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.references import open_reference
from desktop_app.io.walk import Walked
from desktop_app.io.wire import SELF

SUB_BYTE = 8
"""Types of fewer bits are kept packed."""


def map_files(walked: Walked, folder: Path) -> dict[str, np.ndarray]:
    """Maps the model file and every file it refers to; location to its bytes."""
    files = {SELF: np.frombuffer(walked.content, np.uint8)}
    for location in walked.locations:
        with open_reference(folder, location, "Weights") as file:
            empty = file.seek(0, 2) == 0
            content = b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        files[location] = np.frombuffer(content, np.uint8)
    return files


def map_weights(model: ir.Model, files: Mapping[str, np.ndarray]) -> None:
    """Puts mapped tensors in place of all references of `model`.

    onnx_ir would map the whole file anew for every tensor, which a limit on the address space does not allow.

    Raises:
        InvalidFileError: when a file has become shorter than the model says.
    """
    _map_graph(model.graph, files)
    for function in model.functions.values():
        _map_nodes(function, files)


def _map_graph(graph: ir.Graph, files: Mapping[str, np.ndarray]) -> None:
    for value in graph.initializers.values():
        if isinstance(value.const_value, ir.ExternalTensor):
            value.const_value = _mapped(value.const_value, files)
    _map_nodes(graph, files)


def _map_nodes(nodes: Iterable[ir.Node], files: Mapping[str, np.ndarray]) -> None:
    """The tensors that nodes hold as attributes, also those of the graphs inside."""
    for node in nodes:
        for name, attribute in list(node.attributes.items()):
            if attribute.is_ref():
                continue
            if isinstance(attribute.value, ir.ExternalTensor):
                node.attributes[name] = ir.AttrTensor(name, _mapped(attribute.value, files))
            elif attribute.type == ir.AttributeType.TENSORS:
                tensors = [
                    _mapped(one, files) if isinstance(one, ir.ExternalTensor) else one for one in attribute.value
                ]
                node.attributes[name] = ir.AttrTensors(name, tensors)
            elif attribute.type == ir.AttributeType.GRAPH:
                _map_graph(attribute.value, files)
            elif attribute.type == ir.AttributeType.GRAPHS:
                for graph in attribute.value:
                    _map_graph(graph, files)


def _mapped(tensor: ir.ExternalTensor, files: Mapping[str, np.ndarray]) -> ir.TensorProtocol:
    """The tensor over its part of a mapped file; its values are not read."""
    offset, size = tensor.offset or 0, tensor.nbytes
    content = files[str(tensor.location)][offset : offset + size]
    if content.size != size:
        raise InvalidFileError(
            f"The weights in {tensor.location} were cut off while they were read; open the model again."
        )
    shape, name, described = tensor.shape, tensor.name, tensor.doc_string
    if tensor.dtype.bitwidth < SUB_BYTE:
        return ir.PackedTensor(content, tensor.dtype, shape=shape, name=name, doc_string=described)
    values = content.view(np.dtype(tensor.dtype.numpy()).newbyteorder("<")).reshape(shape.numpy())
    return ir.Tensor(values, tensor.dtype, shape=shape, name=name, doc_string=described)
