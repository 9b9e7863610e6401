"""Operators that move elements and change none."""

import torch
from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator


def flatten(node: Node) -> Compute:
    """Flatten: to two axes, split before `axis`."""
    axis = node.attribute("axis", 1)

    def compute(x: Tensor) -> Tensor:
        rows = 1
        for size in x.shape[: axis + x.dim() if axis < 0 else axis]:
            rows *= size
        return x.reshape(rows, -1) if x.numel() else x.reshape(rows, 0)

    return compute


def softmax(node: Node) -> Compute:
    """Softmax along one axis, from opset 13."""
    axis = node.attribute("axis", -1)
    return lambda x: torch.softmax(x, axis)


ROWS = (Operator("Flatten", flatten), Operator("Softmax", softmax, since=13))
