"""Operators that read and write elements by indices."""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.arguments import wrapped
from desktop_app.learn.operators.base import Compute, Node, Operator

_REDUCTIONS = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}


def gather(node: Node) -> Compute:
    """Gather: whole slices along one axis. A single index takes its axis away."""
    axis, known = node.attribute("axis", 0), node.constant(1)
    single = int(known) if known is not None and known.ndim == 0 else None

    def compute(x: Tensor, index: Tensor) -> Tensor:
        if single is not None:
            return x.select(axis, single)
        place = axis % x.dim()
        index = wrapped(index, x.shape[place])
        if place == 0 and x.dim() == 2:
            return F.embedding(index, x)
        taken = x.index_select(place, index.reshape(-1))
        return taken.reshape(*x.shape[:place], *index.shape, *x.shape[place + 1 :])

    return compute


def gather_elements(node: Node) -> Compute:
    """GatherElements: one element for each index."""
    axis = node.attribute("axis", 0)
    return lambda x, index: torch.gather(x, axis, wrapped(index.long(), x.shape[axis]))


def _split_index(x: Tensor, index: Tensor, first: int) -> tuple[Tensor, ...]:
    """Rows of indices as one tensor for each axis from `first` on."""
    return tuple(wrapped(index[..., i].long(), x.shape[first + i]) for i in range(index.shape[-1]))


def gather_nd(node: Node) -> Compute:
    """GatherND: a row of the indices names a slice; the first axes may be shared."""
    shared = node.attribute("batch_dims", 0)

    def compute(x: Tensor, index: Tensor) -> Tensor:
        inner = index.dim() - 1 - shared
        before = tuple(
            torch.arange(size, device=x.device).reshape(-1, *(1,) * (shared - axis - 1 + inner))
            for axis, size in enumerate(index.shape[:shared])
        )
        return x[(*before, *_split_index(x, index, shared))]

    return compute


def scatter_elements(node: Node) -> Compute:
    """ScatterElements (Scatter before opset 11): one element for each index, put or combined."""
    axis, how = node.attribute("axis", 0), node.attribute("reduction", "none")

    def compute(x: Tensor, index: Tensor, updates: Tensor) -> Tensor:
        index = wrapped(index.long(), x.shape[axis])
        if how == "none":
            return x.scatter(axis, index, updates)
        return x.scatter_reduce(axis, index, updates, _REDUCTIONS[how], include_self=True)

    return compute


def scatter_nd(node: Node) -> Compute:
    """ScatterND: a row of the indices names a slice to put, or to combine with what is there."""
    how = node.attribute("reduction", "none")

    def compute(x: Tensor, index: Tensor, updates: Tensor) -> Tensor:
        places = _split_index(x, index, 0)
        if how in ("none", "add"):
            return x.index_put(places, updates, accumulate=how == "add")
        slices = places[0]
        for axis in range(1, len(places)):
            slices = slices * x.shape[axis] + places[axis]
        rows = x.reshape(-1, *x.shape[len(places) :]) if x.dim() > len(places) else x.reshape(-1)
        wide = slices.reshape(-1, *(1,) * (rows.dim() - 1)).expand(-1, *rows.shape[1:])
        values = updates.reshape(wide.shape)
        return rows.scatter_reduce(0, wide, values, _REDUCTIONS[how], include_self=True).reshape(x.shape)

    return compute


def where(node: Node) -> Compute:
    """Where."""
    return torch.where


def largest(node: Node) -> Compute:
    """TopK: the first of equal elements first, as ONNX Runtime has them."""
    axis, descending = node.attribute("axis", -1), bool(node.attribute("largest", 1))
    fixed = node.attribute("k", 1)

    def compute(x: Tensor, k: Tensor | None = None) -> tuple[Tensor, Tensor]:
        count = int(k.reshape(-1)[0].item()) if k is not None else fixed
        values, places = torch.sort(x, dim=axis, descending=descending, stable=True)
        return values.narrow(axis, 0, count), places.narrow(axis, 0, count)

    return compute


def non_zero(node: Node) -> Compute:
    """NonZero: a row for each axis."""
    return lambda x: torch.nonzero(x).t()


def triangle(node: Node) -> Compute:
    """Trilu: the upper or lower triangle of the last two axes."""
    function = torch.triu if node.attribute("upper", 1) else torch.tril
    known = node.constant(1)

    def compute(x: Tensor, k: Tensor | None = None) -> Any:
        return function(x, int(known) if known is not None else 0 if k is None else int(k.item()))

    return compute


def compress(node: Node) -> Compute:
    """Compress: the slices where the condition holds."""
    axis = node.attributes.get("axis")

    def compute(x: Tensor, condition: Tensor) -> Tensor:
        places = torch.nonzero(condition).reshape(-1)
        return x.reshape(-1)[places] if axis is None else x.index_select(axis, places)

    return compute


ROWS = (
    Operator("Gather", gather, weights=(0,)),
    Operator("GatherElements", gather_elements),
    Operator("GatherND", gather_nd),
    Operator("Scatter", scatter_elements),
    Operator("ScatterElements", scatter_elements),
    Operator("ScatterND", scatter_nd),
    Operator("Where", where),
    Operator("TopK", largest),
    Operator("NonZero", non_zero),
    Operator("Trilu", triangle),
    Operator("Compress", compress),
)
