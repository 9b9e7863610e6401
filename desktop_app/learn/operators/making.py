"""Operators that make tensors out of shapes and numbers, and that change their type."""

import numpy as np
import onnx_ir as ir
import torch
from torch import Tensor

from desktop_app.learn.operators.arguments import listed
from desktop_app.learn.operators.base import Compute, Node, Operator

_TYPES = {
    ir.DataType.FLOAT: torch.float32,
    ir.DataType.FLOAT16: torch.float32,
    ir.DataType.BFLOAT16: torch.float32,
    ir.DataType.DOUBLE: torch.float64,
    ir.DataType.INT8: torch.int8,
    ir.DataType.INT16: torch.int16,
    ir.DataType.INT32: torch.int32,
    ir.DataType.INT64: torch.int64,
    ir.DataType.UINT8: torch.uint8,
    ir.DataType.UINT16: torch.uint16,
    ir.DataType.UINT32: torch.uint32,
    ir.DataType.UINT64: torch.uint64,
    ir.DataType.BOOL: torch.bool,
}
"""Half precision is computed in single, in which its numbers are exact."""


def _type(node: Node, number: int) -> torch.dtype:
    try:
        return _TYPES[ir.DataType(number)]
    except (KeyError, ValueError):
        raise node.refuse("it makes elements of a type that cannot be trained through") from None


def cast(node: Node) -> Compute:
    """Cast."""
    wanted = _type(node, node.attribute("to", 1))
    return lambda x: x.to(wanted)


def cast_like(node: Node) -> Compute:
    """CastLike: to the type of another tensor."""
    return lambda x, like: x.to(like.dtype)


def shape(node: Node) -> Compute:
    """Shape, or from opset 15 a part of it."""
    start, end = node.attribute("start", 0), node.attributes.get("end")
    return lambda x: torch.tensor(tuple(x.shape)[start:end], dtype=torch.int64, device=x.device)


def constant_of_shape(node: Node) -> Compute:
    """ConstantOfShape: zeros, unless the node has a value."""
    array = node.attribute("value", np.zeros(1, np.float32))
    value = torch.from_numpy(np.array(array.astype(np.float32) if array.dtype.name == "bfloat16" else array))
    value = value.float() if value.dtype is torch.float16 else value
    read, filling = listed(node, 0), value.reshape(-1)[0].item()
    return lambda given: torch.full(read(given) or (), filling, dtype=value.dtype, device=given.device)


def count(node: Node) -> Compute:
    """Size: how many elements there are."""
    return lambda x: torch.tensor(x.numel(), dtype=torch.int64, device=x.device)


def numbers(node: Node) -> Compute:
    """Range."""

    def compute(start: Tensor, limit: Tensor, step: Tensor) -> Tensor:
        length = max(int(np.ceil((limit.item() - start.item()) / step.item())), 0)
        return start + step * torch.arange(length, device=start.device).to(start.dtype)

    return compute


def eye_like(node: Node) -> Compute:
    """EyeLike: ones on a diagonal."""
    offset, number = node.attribute("k", 0), node.attributes.get("dtype")
    wanted = None if number is None else _type(node, number)

    def compute(x: Tensor) -> Tensor:
        rows, columns = (torch.arange(size, device=x.device) for size in x.shape)
        return (columns.unsqueeze(0) - rows.unsqueeze(1) == offset).to(wanted or x.dtype)

    return compute


def one_hot(node: Node) -> Compute:
    """OneHot: the second of two values where an index points, the first everywhere else."""
    axis = node.attribute("axis", -1)

    def compute(index: Tensor, depth: Tensor, values: Tensor) -> Tensor:
        size = int(depth.reshape(-1)[0].item())
        places = torch.arange(size, device=index.device)
        whole = index.long()
        hot = torch.where(whole < 0, whole + size, whole).unsqueeze(-1) == places
        return torch.where(hot, values[1], values[0]).movedim(-1, axis)

    return compute


ROWS = (
    Operator("Cast", cast),
    Operator("CastLike", cast_like),
    Operator("Shape", shape),
    Operator("Size", count),
    Operator("ConstantOfShape", constant_of_shape),
    Operator("Range", numbers),
    Operator("EyeLike", eye_like),
    Operator("OneHot", one_hot),
)
