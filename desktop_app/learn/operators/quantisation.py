"""Conversions between real numbers and integers. Integers are held as floats, so that gradients pass through them."""

import torch
from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator
from desktop_app.learn.straight_through import on_grid

DOMAIN = "compression_studio"
"""Of operators that exist in training copies only."""

ON_GRID = "OnGrid"
"""QuantizeLinear and DequantizeLinear at once."""

_DEFAULT = torch.zeros((), dtype=torch.uint8)


def quantize_linear(node: Node) -> Compute:
    """QuantizeLinear: x / scale + zero point, rounded half to even, saturated; straight-through."""
    axis = node.attribute("axis", 1)
    if node.attribute("block_size", 0):
        raise node.refuse("it rounds in blocks")

    def compute(x: Tensor, scale: Tensor, zero_point: Tensor | None = None) -> Tensor:
        zero = _DEFAULT if zero_point is None else zero_point
        if zero.is_floating_point():
            raise node.refuse("it rounds to floats of 8 bits")
        ends = torch.iinfo(zero.dtype)
        shift = _along(zero, x, axis).to(x.dtype)
        inside = torch.clamp(x / _along(scale, x, axis), ends.min - shift, ends.max - shift)
        return inside + (inside.round() - inside).detach() + shift

    return compute


def dequantize_linear(node: Node) -> Compute:
    """DequantizeLinear: (x - zero point) * scale; one scale for all, for each index of an axis, or for blocks of it."""
    axis, block = node.attribute("axis", 1), node.attribute("block_size", 0)

    def compute(x: Tensor, scale: Tensor, zero_point: Tensor | None = None) -> Tensor:
        real = x.to(scale.dtype)
        if zero_point is not None:
            real = real - _along(zero_point, x, axis, block).to(scale.dtype)
        return real * _along(scale, x, axis, block)

    return compute


def on_one_grid(node: Node) -> Compute:
    """Both at once, with one scale for all: faster, and the activations are kept only twice."""
    zero, low, high = (int(node.attributes[name]) for name in ("zero_point", "low", "high"))
    return lambda x, scale: on_grid(x, scale, zero, low, high)


def _along(parameter: Tensor, x: Tensor, axis: int, block: int = 0) -> Tensor:
    """A scale or zero point in a shape that broadcasts against the tensor."""
    if parameter.numel() == 1:
        return parameter.reshape(())
    if block:
        return parameter.repeat_interleave(block, dim=axis).narrow(axis, 0, x.shape[axis])
    shape = [1] * x.dim()
    shape[axis] = -1
    return parameter.reshape(shape)


ROWS = (
    Operator("QuantizeLinear", quantize_linear),
    Operator("DequantizeLinear", dequantize_linear),
    Operator(ON_GRID, on_one_grid, domain=DOMAIN),
)
