"""Operators that compute each element from the elements of the same place."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.base import Build, Compute, Node, Operator


def _plain(function: Callable[..., Any]) -> Build:
    """An operator without attributes."""
    return lambda node: function


def divide(node: Node) -> Compute:
    """Div: of integers towards zero, as in C."""

    def compute(a: Tensor, b: Tensor) -> Tensor:
        return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")

    return compute


def clip_by_inputs(node: Node) -> Compute:
    """Clip from opset 11: the bounds are inputs. The gradient passes where the bounds are not exceeded."""
    low, high = (None if bound is None else bound.item() for bound in (node.constant(1), node.constant(2)))

    def compute(x: Tensor, low_input: Tensor | None = None, high_input: Tensor | None = None) -> Tensor:
        lower = low if low is not None else low_input
        upper = high if high is not None else high_input
        return x if lower is None and upper is None else torch.clamp(x, lower, upper)

    return compute


def clip_by_attributes(node: Node) -> Compute:
    """Clip before opset 11."""
    low, high = node.attributes.get("min"), node.attributes.get("max")
    return lambda x: x if low is None and high is None else torch.clamp(x, low, high)


def leaky_relu(node: Node) -> Compute:
    """LeakyRelu."""
    slope = node.attribute("alpha", 0.01)
    return lambda x: F.leaky_relu(x, slope)


def hard_sigmoid(node: Node) -> Compute:
    """HardSigmoid: a line between 0 and 1."""
    slope, shift = node.attribute("alpha", 0.2), node.attribute("beta", 0.5)
    return lambda x: torch.clamp(x * slope + shift, 0.0, 1.0)


def total(node: Node) -> Compute:
    """Sum of any number of tensors."""
    return lambda *terms: reduce(torch.add, terms)


ROWS = (
    Operator("Add", _plain(torch.add), weights=(0, 1)),
    Operator("Sub", _plain(torch.sub), weights=(0, 1)),
    Operator("Mul", _plain(torch.mul), weights=(0, 1)),
    Operator("Div", divide, weights=(0, 1)),
    Operator("Sum", total),
    Operator("Relu", _plain(torch.relu)),
    Operator("Sigmoid", _plain(torch.sigmoid)),
    Operator("HardSigmoid", hard_sigmoid),
    Operator("HardSwish", _plain(F.hardswish)),
    Operator("LeakyRelu", leaky_relu),
    Operator("Clip", clip_by_attributes),
    Operator("Clip", clip_by_inputs, since=11),
)
