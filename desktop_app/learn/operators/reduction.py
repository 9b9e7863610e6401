"""Reductions over axes that are an attribute or an input, and what runs along one axis."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from desktop_app.learn.operators.arguments import listed
from desktop_app.learn.operators.base import Build, Compute, Node, Operator

Reduce = Callable[[Tensor, tuple[int, ...], bool], Tensor]


def _reduced(function: Reduce) -> Build:
    """A reduction: over all axes when none are named, unless the node says that none means none."""

    def build(node: Node) -> Compute:
        keep, none_means_none = bool(node.attribute("keepdims", 1)), node.attribute("noop_with_empty_axes", 0)
        read = listed(node, 1, "axes")

        def compute(x: Tensor, given: Tensor | None = None) -> Tensor:
            axes = tuple(read(given) or ())
            if not axes and none_means_none:
                return function(x.unsqueeze(0), (0,), False)
            if not axes and not x.dim():
                return function(x.unsqueeze(0), (0,), False)
            return function(x, axes or tuple(range(x.dim())), keep)

        return compute

    return build


def _mean(x: Tensor, axes: Sequence[int], keep: bool) -> Tensor:
    if x.is_floating_point():
        return x.mean(tuple(axes), keep)
    return x.double().mean(tuple(axes), keep).to(x.dtype)


def _max(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    return x.amax(axes, keep) if x.numel() else _of_nothing(x, axes, keep, highest=False)


def _min(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    return x.amin(axes, keep) if x.numel() else _of_nothing(x, axes, keep, highest=True)


def _of_nothing(x: Tensor, axes: tuple[int, ...], keep: bool, highest: bool) -> Tensor:
    """What the largest or smallest of no elements is: the other end of the type."""
    if x.is_floating_point():
        value = float("inf") if highest else -float("inf")
    else:
        limits = torch.iinfo(x.dtype) if x.dtype is not torch.bool else None
        value = (limits.max if highest else limits.min) if limits is not None else highest
    return torch.full_like(x.sum(axes, keep), value, dtype=x.dtype)


def _product(x: Tensor, axes: Sequence[int], keep: bool) -> Tensor:
    for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
        x = x.prod(axis, keep, dtype=x.dtype)
    return x


def _sum(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    return x.sum(axes, keep, dtype=x.dtype)


def _root_of_squares(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    if not x.is_floating_point():
        return _sum(x * x, axes, keep).double().sqrt().to(x.dtype)
    found: Tensor = torch.linalg.vector_norm(x, dim=axes, keepdim=keep)
    return found


def _log_sum_exp(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    return torch.logsumexp(x if x.is_floating_point() else x.double(), axes, keep).to(x.dtype)


def extremum(largest: bool) -> Build:
    """ArgMax and ArgMin: the place of the first, or by attribute the last, of equal elements."""

    def build(node: Node) -> Compute:
        axis, keep = node.attribute("axis", 0), bool(node.attribute("keepdims", 1))
        last = node.attribute("select_last_index", 0)
        find = torch.argmax if largest else torch.argmin

        def compute(x: Tensor) -> Tensor:
            if not last:
                return find(x, axis, keep)
            return x.shape[axis] - 1 - find(x.flip(axis), axis, keep)

        return compute

    return build


def cumulative(node: Node) -> Compute:
    """CumSum: the sum of what stands before, with or without the element itself, from either end."""
    exclusive, backwards = node.attribute("exclusive", 0), node.attribute("reverse", 0)
    read = listed(node, 1)

    def compute(x: Tensor, given: Tensor) -> Tensor:
        axis = int((read(given) or [0])[0])
        x = x.flip(axis) if backwards else x
        found = x.cumsum(axis, dtype=x.dtype)
        found = found - x if exclusive else found
        return found.flip(axis) if backwards else found

    return compute


ROWS = (
    Operator("ReduceSum", _reduced(_sum)),
    Operator("ReduceMean", _reduced(_mean)),
    Operator("ReduceMax", _reduced(_max)),
    Operator("ReduceMin", _reduced(_min)),
    Operator("ReduceProd", _reduced(_product)),
    Operator("ReduceL1", _reduced(lambda x, axes, keep: _sum(x.abs(), axes, keep))),
    Operator("ReduceL2", _reduced(_root_of_squares)),
    Operator("ReduceSumSquare", _reduced(lambda x, axes, keep: _sum(x * x, axes, keep))),
    Operator("ReduceLogSum", _reduced(lambda x, axes, keep: torch.log(_sum(x, axes, keep)))),
    Operator("ReduceLogSumExp", _reduced(_log_sum_exp)),
    Operator("ArgMax", extremum(largest=True)),
    Operator("ArgMin", extremum(largest=False)),
    Operator("CumSum", cumulative),
)
