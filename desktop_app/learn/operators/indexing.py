"""Operators that take elements by their place."""

from collections.abc import Sequence

import torch
from torch import Tensor

from desktop_app.learn.operators.arguments import listed
from desktop_app.learn.operators.base import Compute, Node, Operator


def cut(node: Node) -> Compute:
    """Slice: bounds are attributes before opset 10 and inputs from there on; negative steps go backwards."""
    readers = [listed(node, i + 1, name) for i, name in enumerate(("starts", "ends", "axes", "steps"))]

    def compute(x: Tensor, *bounds: Tensor | None) -> Tensor:
        given = (*bounds, *(None,) * (4 - len(bounds)))
        starts, ends, axes, steps = (read(one) for read, one in zip(readers, given, strict=True))
        return sliced(x, starts or [], ends or [], axes, steps)

    return compute


def sliced(
    x: Tensor, starts: Sequence[int], ends: Sequence[int], axes: Sequence[int] | None, steps: Sequence[int] | None
) -> Tensor:
    """The part of a tensor between bounds, by the rules of ONNX: negative bounds count from behind."""
    for position, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis = position if axes is None else axes[position]
        step = 1 if steps is None else steps[position]
        size = x.shape[axis]
        if step > 0:
            low, high, _ = slice(start, end).indices(size)
            x = x[(slice(None),) * (axis % x.dim()) + (slice(low, max(high, low), step),)]
        else:
            x = x.index_select(axis, torch.arange(*_backwards(start, end, step, size), device=x.device))
    return x


def _backwards(start: int, end: int, step: int, size: int) -> tuple[int, int, int]:
    """The first element, the one before which to stop, and the step. An end below all of them stops after the first."""
    first = min(start + size if start < 0 else start, size - 1)
    last = end + size if -size <= end < 0 else end
    last = max(last, -1)
    return (first, last, step) if first > last else (0, 0, step)


ROWS = (Operator("Slice", cut),)
