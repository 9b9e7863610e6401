"""Pooling of one to three dimensions."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator
from desktop_app.learn.operators.windows import windows_of

_MAX: dict[int, Any] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_AVERAGE: dict[int, Any] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def max_pool(node: Node) -> Compute:
    """MaxPool: what lies outside never wins. The second output tells where the largest element stood."""

    def compute(x: Tensor) -> Any:
        if not x.is_floating_point():
            return max_pool(node)(x.double()).to(x.dtype)
        window = windows_of(node, x.shape[2:])
        padded, padding = window.shared(x, -float("inf"))
        found = _MAX[window.rank](
            padded, window.kernel, window.strides, padding, window.dilations, return_indices=node.outputs > 1
        )
        if node.outputs == 1:
            return found
        before = (0,) * window.rank if any(padding) else window.sides.before
        return found[0], _places(node, found[1], x.shape, padded.shape[2:], before)

    return compute


def _places(node: Node, flat: Tensor, shape: Sequence[int], padded: Sequence[int], before: Sequence[int]) -> Tensor:
    """Places in the padded plane of a channel, as places in the whole input."""
    coordinates: list[Tensor] = []
    for size, start in zip(reversed(padded), reversed(before), strict=True):
        coordinates.insert(0, flat % size - start)
        flat = flat // size
    axes = list(range(len(coordinates)))
    index = torch.zeros_like(flat)
    for axis in reversed(axes) if node.attribute("storage_order", 0) else axes:
        index = index * shape[2 + axis] + coordinates[axis]
    planes = torch.arange(shape[0] * shape[1], device=flat.device).reshape(*shape[:2], *(1,) * len(axes))
    size = 1
    for one in shape[2:]:
        size *= one
    return index + planes * size


def average_pool(node: Node) -> Compute:
    """AveragePool: over what lies inside, or, by attribute, over the padding too; never over more than that."""
    whole = bool(node.attribute("count_include_pad", 0))

    def compute(x: Tensor) -> Tensor:
        window = windows_of(node, x.shape[2:])
        pool = _AVERAGE[window.rank]
        if window.simple:
            found: Tensor = pool(x, window.kernel, window.strides, window.sides.before, False, whole)
            return found
        ones = F.pad(torch.ones_like(x[:1, :1]), window.sides.torch_order, value=float(whole))
        ones = F.pad(ones, window.beyond)
        padded = F.pad(F.pad(x, window.sides.torch_order), window.beyond)
        return window.gathered(padded).sum(-1) / window.gathered(ones).sum(-1)

    return compute


def lp_pool(node: Node) -> Compute:
    """LpPool: the p-norm of each window."""
    order = node.attribute("p", 2)

    def compute(x: Tensor) -> Tensor:
        window = windows_of(node, x.shape[2:])
        padded = F.pad(F.pad(x, window.sides.torch_order), window.beyond)
        found: Tensor = torch.linalg.vector_norm(window.gathered(padded), order, dim=-1)
        return found

    return compute


def global_average_pool(node: Node) -> Compute:
    """GlobalAveragePool: the mean over all spatial axes, which stay with size 1."""
    return lambda x: x.mean(dim=tuple(range(2, x.dim())), keepdim=True)


def global_max_pool(node: Node) -> Compute:
    """GlobalMaxPool."""
    return lambda x: x.amax(dim=tuple(range(2, x.dim())), keepdim=True)


def global_lp_pool(node: Node) -> Compute:
    """GlobalLpPool."""
    order = node.attribute("p", 2)
    return lambda x: torch.linalg.vector_norm(x, order, dim=tuple(range(2, x.dim())), keepdim=True)


ROWS = (
    Operator("MaxPool", max_pool),
    Operator("AveragePool", average_pool),
    Operator("LpPool", lp_pool),
    Operator("GlobalAveragePool", global_average_pool),
    Operator("GlobalMaxPool", global_max_pool),
    Operator("GlobalLpPool", global_lp_pool),
)
