"""Softmax and its relatives."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.base import Build, Compute, Node, Operator

ALONG_AXIS = 13
"""From this opset on one axis is normalised; before, all from `axis` on together."""


def _along(function: Callable[..., Tensor]) -> Build:
    def build(node: Node) -> Compute:
        axis = node.attribute("axis", -1 if node.opset >= ALONG_AXIS else 1)
        if node.opset >= ALONG_AXIS:
            return lambda x: function(x, axis)
        return lambda x: function(x, -1) if axis in (-1, x.dim() - 1) else _together(function, x, axis)

    return build


def _together(function: Callable[..., Tensor], x: Tensor, axis: int) -> Tensor:
    """The function over all axes from `axis` on, which count as one."""
    return function(x.flatten(axis % x.dim()), -1).reshape(x.shape)


def _hardmax(x: Tensor, axis: int) -> Tensor:
    hot: Any = F.one_hot(x.argmax(axis), x.shape[axis])
    moved: Tensor = hot.movedim(-1, axis)
    return moved.to(x.dtype)


ROWS = (
    Operator("Softmax", _along(torch.softmax)),
    Operator("LogSoftmax", _along(torch.log_softmax)),
    Operator("Hardmax", _along(_hardmax)),
)
