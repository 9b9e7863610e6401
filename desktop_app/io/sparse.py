"""Sparse tensors of a model, made dense: onnx_ir has no sparse tensors, and ONNX Runtime makes them dense too."""

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np
import onnx
import onnx_ir as ir

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name

MAX_DENSE_BYTES = 512 * 2**20
"""A sparse tensor of a few bytes may stand for any number of zeros; together they may stand for so many bytes."""


def make_dense(proto: onnx.ModelProto, files: Mapping[str, np.ndarray]) -> None:
    """Puts dense tensors in place of all sparse ones, in the graphs of `proto`.

    Args:
        proto: A model that was walked.
        files: Location to the bytes of a file, as in `mapping`.

    Raises:
        InvalidFileError: when indices lie outside the tensor, or the dense tensors are too large.
    """
    left = MAX_DENSE_BYTES
    for graph in _graphs(proto):
        for sparse in graph.sparse_initializer:
            dense = _dense(sparse, files, left)
            left -= len(dense.raw_data)
            graph.initializer.append(dense)
        graph.ClearField("sparse_initializer")
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("sparse_tensor") and node.op_type == "Constant":
                    dense = _dense(attribute.sparse_tensor, files, left)
                    left -= len(dense.raw_data)
                    attribute.CopyFrom(onnx.AttributeProto(name="value", type=onnx.AttributeProto.TENSOR, t=dense))


def _dense(sparse: onnx.SparseTensorProto, files: Mapping[str, np.ndarray], left: int) -> onnx.TensorProto:
    name = clean_name(sparse.values.name)
    values = _array(sparse.values, files).ravel()
    indices = _array(sparse.indices, files)
    shape = tuple(sparse.dims)
    if not shape or any(size <= 0 for size in shape) or indices.dtype != np.int64 or len(indices) != values.size:
        raise InvalidFileError(f"The sparse values of {name} do not fit their shape: export the model again.")
    if prod(shape) * values.itemsize > left:
        raise InvalidFileError(
            f"The sparse values of {name} stand for too large a tensor, {shape}, and are not opened."
        )
    linear = _linear(indices, shape)
    if linear is None:
        raise InvalidFileError(f"The sparse values of {name} lie outside their shape, {shape}: export the model again.")
    dense = np.zeros(prod(shape), values.dtype)
    dense[linear] = values
    return onnx.TensorProto(
        name=sparse.values.name, data_type=sparse.values.data_type, dims=shape, raw_data=dense.tobytes()
    )


def _linear(indices: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Indices into the flattened tensor; None where one lies outside."""
    if indices.ndim == 1:
        inside = np.all((indices >= 0) & (indices < prod(shape)))
        return indices if inside else None
    if indices.ndim != 2 or indices.shape[1] != len(shape):
        return None
    if not np.all((indices >= 0) & (indices < np.array(shape, np.int64))):
        return None
    linear: np.ndarray = np.ravel_multi_index(tuple(indices.T), shape)
    return linear


def _array(tensor: onnx.TensorProto, files: Mapping[str, np.ndarray]) -> np.ndarray:
    """The values of a walked tensor, wherever they lie. Types of less than a byte are never sparse."""
    dtype = ir.DataType(tensor.data_type)
    if tensor.data_type == ir.DataType.STRING or dtype.bitwidth < 8:
        raise InvalidFileError(f"The sparse values of {clean_name(tensor.name)} are of a type that cannot be sparse.")
    if tensor.data_location != onnx.TensorProto.EXTERNAL:
        array: np.ndarray = ir.from_proto(tensor).numpy()
        return array
    entries = {entry.key: entry.value for entry in tensor.external_data}
    offset = int(entries.get("offset", "0"))
    size = prod(tensor.dims) * dtype.bitwidth // 8
    content = files[entries["location"]][offset : offset + size]
    return content.view(np.dtype(dtype.numpy()).newbyteorder("<")).reshape(tuple(tensor.dims))


def _graphs(proto: onnx.ModelProto) -> Iterator[onnx.GraphProto]:
    """The main graph and all inside."""
    waiting = [proto.graph]
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    waiting.append(attribute.g)
                waiting.extend(attribute.graphs)
