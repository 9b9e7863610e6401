"""Operators that move elements and change none."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from desktop_app.learn.operators.arguments import listed
from desktop_app.learn.operators.base import Compute, Node, Operator


def flatten(node: Node) -> Compute:
    """Flatten: to two axes, split before `axis`."""
    axis = node.attribute("axis", 1)

    def compute(x: Tensor) -> Tensor:
        rows = prod(x.shape[: axis + x.dim() if axis < 0 else axis])
        return x.reshape(rows, -1) if x.numel() else x.reshape(rows, 0)

    return compute


def reshape(node: Node) -> Compute:
    """Reshape: 0 keeps a size unless the node says that it is one, -1 stands for what is left."""
    read, zero_is_size = listed(node, 1, "shape"), node.attribute("allowzero", 0)

    def compute(x: Tensor, given: Tensor | None = None) -> Tensor:
        shape = read(given) or []
        if zero_is_size or 0 not in shape:
            return x.reshape(shape)
        shape = [x.shape[axis] if size == 0 else size for axis, size in enumerate(shape)]
        if -1 in shape and not x.numel():
            shape[shape.index(-1)] = 0
        return x.reshape(shape)

    return compute


def transpose(node: Node) -> Compute:
    """Transpose: by default the axes in reverse."""
    order = node.attributes.get("perm")
    return lambda x: x.permute(tuple(reversed(range(x.dim()))) if order is None else order)


def squeeze(node: Node) -> Compute:
    """Squeeze: takes axes of size 1 away, all of them when none are named."""
    read = listed(node, 1, "axes")

    def compute(x: Tensor, given: Tensor | None = None) -> Tensor:
        axes = read(given)
        return x.squeeze() if axes is None else x.squeeze(tuple(axes))

    return compute


def unsqueeze(node: Node) -> Compute:
    """Unsqueeze: axes of size 1 at these places of the result."""
    read = listed(node, 1, "axes")

    def compute(x: Tensor, given: Tensor | None = None) -> Tensor:
        axes = read(given) or []
        for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
            x = x.unsqueeze(axis)
        return x

    return compute


def concatenate(node: Node) -> Compute:
    """Concat."""
    axis = node.attribute("axis", 1)
    return lambda *parts: torch.cat(parts, axis)


def split(node: Node) -> Compute:
    """Split: into given sizes, or into as many parts as there are outputs, the last the smallest."""
    axis, read = node.attribute("axis", 0), listed(node, 1, "split")
    count = node.attribute("num_outputs", node.outputs)

    def compute(x: Tensor, given: Tensor | None = None) -> tuple[Tensor, ...]:
        sizes = read(given)
        if sizes is None:
            whole = -(-x.shape[axis] // count)
            sizes = [min(whole, max(x.shape[axis] - whole * part, 0)) for part in range(count)]
        return torch.split(x, sizes, axis)

    return compute


def expand(node: Node) -> Compute:
    """Expand: repeats axes of size 1, in either direction."""
    read = listed(node, 1)

    def compute(x: Tensor, given: Tensor) -> Tensor:
        wanted = read(given) or []
        shape = [1] * (x.dim() - len(wanted)) + wanted
        own = [1] * (len(shape) - x.dim()) + list(x.shape)
        return x.expand([b if a == 1 else a for a, b in zip(own, shape, strict=True)])

    return compute


def tile(node: Node) -> Compute:
    """Tile: the whole tensor so many times along each axis."""
    if node.opset < 6:
        raise node.refuse("the form of Tile before opset 6 is not known here")
    read = listed(node, 1)
    return lambda x, given: x.repeat(read(given) or [])


def depth_to_space(node: Node) -> Compute:
    """DepthToSpace: channels become blocks of pixels, in one of two orders."""
    block, row_first = node.attribute("blocksize", 1), node.attribute("mode", "DCR") == "CRD"

    def compute(x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        if row_first:
            x = x.reshape(n, c // block**2, block, block, h, w).permute(0, 1, 4, 2, 5, 3)
        else:
            x = x.reshape(n, block, block, c // block**2, h, w).permute(0, 3, 4, 1, 5, 2)
        return x.reshape(n, c // block**2, h * block, w * block)

    return compute


def space_to_depth(node: Node) -> Compute:
    """SpaceToDepth: blocks of pixels become channels."""
    block, channel_first = node.attribute("blocksize", 1), node.attribute("mode", "DCR") == "CRD"
    order = (0, 1, 3, 5, 2, 4) if channel_first else (0, 3, 5, 1, 2, 4)

    def compute(x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        x = x.reshape(n, c, h // block, block, w // block, block).permute(order)
        return x.reshape(n, c * block**2, h // block, w // block)

    return compute


def reversed_sequences(node: Node) -> Compute:
    """ReverseSequence: each sample backwards, up to its own length."""
    time, batch = node.attribute("time_axis", 0), node.attribute("batch_axis", 1)

    def compute(x: Tensor, lengths: Tensor) -> Tensor:
        moved = x.movedim((batch, time), (0, 1))
        return moved.take_along_dim(backwards(lengths, moved.shape), 1).movedim((0, 1), (batch, time))

    return compute


def backwards(lengths: Tensor, shape: Sequence[int]) -> Tensor:
    """Which step stands at each place when every sample of [batch, time, ...] runs backwards up to its length."""
    steps = torch.arange(shape[1], device=lengths.device).unsqueeze(0)
    ends = lengths.long().unsqueeze(1)
    index = torch.where(steps < ends, ends - 1 - steps, steps)
    return index.reshape(*index.shape, *(1,) * (len(shape) - 2))


ROWS = (
    Operator("Flatten", flatten),
    Operator("Reshape", reshape),
    Operator("Transpose", transpose),
    Operator("Squeeze", squeeze),
    Operator("Unsqueeze", unsqueeze),
    Operator("Concat", concatenate),
    Operator("Split", split),
    Operator("Expand", expand),
    Operator("Tile", tile),
    Operator("DepthToSpace", depth_to_space),
    Operator("SpaceToDepth", space_to_depth),
    Operator("ReverseSequence", reversed_sequences),
    Operator("Identity", lambda node: lambda x: x),
)
