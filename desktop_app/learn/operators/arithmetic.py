"""Arithmetic, comparison and logic on elements of the same place, with broadcasting."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from desktop_app.learn.operators.base import Build, Compute, Node, Operator


def plain(function: Callable[..., Any]) -> Build:
    """An operator without attributes."""
    return lambda node: function


def pairwise(function: Callable[[Tensor, Tensor], Tensor]) -> Build:
    """An operator of two tensors. Before opset 7 the second was laid along an axis of the first by an attribute."""

    def build(node: Node) -> Compute:
        axis = node.attributes.get("axis")
        if node.opset >= 7 or axis is None or not node.attribute("broadcast", 0):
            return function

        def compute(a: Tensor, b: Tensor) -> Tensor:
            return function(a, b.reshape(*b.shape, *(1,) * (a.dim() - axis % a.dim() - b.dim())))

        return compute

    return build


def divide(a: Tensor, b: Tensor) -> Tensor:
    """Div: of integers towards zero, as in C."""
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


def modulo(node: Node) -> Compute:
    """Mod: with the sign of the divisor as in Python, or, by attribute, that of the dividend as in C."""
    return torch.fmod if node.attribute("fmod", 0) else torch.remainder


def power(node: Node) -> Compute:
    """Pow: the result has the type of the base. A constant exponent makes the gradient cheap."""
    exponent = node.constant(1)
    fixed = exponent.item() if exponent is not None and exponent.size == 1 and exponent.ndim == 0 else None

    def compute(x: Tensor, y: Tensor) -> Tensor:
        return torch.pow(x, y if fixed is None else fixed).to(x.dtype)

    return compute


def total(node: Node) -> Compute:
    """Sum of any number of tensors."""
    return lambda *terms: reduce(torch.add, terms)


def average(node: Node) -> Compute:
    """Mean of any number of tensors."""
    return lambda *terms: reduce(torch.add, terms) / len(terms)


def extreme(function: Callable[[Tensor, Tensor], Tensor]) -> Build:
    """Max and Min of any number of tensors."""
    return lambda node: lambda *terms: reduce(function, terms)


def shifted(node: Node) -> Compute:
    """BitShift."""
    return torch.bitwise_left_shift if node.attribute("direction", "LEFT") == "LEFT" else torch.bitwise_right_shift


ROWS = (
    Operator("Add", pairwise(torch.add), weights=(0, 1)),
    Operator("Sub", pairwise(torch.sub), weights=(0, 1)),
    Operator("Mul", pairwise(torch.mul), weights=(0, 1)),
    Operator("Div", pairwise(divide), weights=(0, 1)),
    Operator("Pow", power),
    Operator("Mod", modulo),
    Operator("Sum", total),
    Operator("Mean", average),
    Operator("Max", extreme(torch.maximum)),
    Operator("Min", extreme(torch.minimum)),
    Operator("Equal", pairwise(torch.eq)),
    Operator("Greater", pairwise(torch.gt)),
    Operator("GreaterOrEqual", pairwise(torch.ge)),
    Operator("Less", pairwise(torch.lt)),
    Operator("LessOrEqual", pairwise(torch.le)),
    Operator("And", pairwise(torch.logical_and)),
    Operator("Or", pairwise(torch.logical_or)),
    Operator("Xor", pairwise(torch.logical_xor)),
    Operator("BitwiseAnd", plain(torch.bitwise_and)),
    Operator("BitwiseOr", plain(torch.bitwise_or)),
    Operator("BitwiseXor", plain(torch.bitwise_xor)),
    Operator("BitShift", shifted),
)
