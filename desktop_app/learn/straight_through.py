"""Rounding that gradients pass through: forward on the grid that is stored, backward as if nothing were rounded.

The straight-through estimator of Bengio, Leonard and Courville, "Estimating or Propagating Gradients Through Stochastic
Neurons" (2013); the gradient of a scale is that of Esser et al., "Learned Step Size Quantization" (ICLR 2020).
"""

from typing import Any

import torch
from torch import Tensor


class _OnGrid(torch.autograd.Function):
    """Activations to the nearest number of a grid and, where they leave it, to its end."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, low: float, high: float) -> Tensor:
        """`low` and `high` count from the integer that stands for 0."""
        real = torch.div(x, scale).round_().clamp_(low, high).mul_(scale)
        ctx.save_for_backward(x, scale, real if ctx.needs_input_grad[1] else None)
        ctx.ends = (low - 0.5) * float(scale), (high + 0.5) * float(scale)
        return real

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """Inside the grid the gradient passes; a step grows by what it rounds up, and by what leaves the grid."""
        (gradient,) = gradients
        x, scale, real = ctx.saved_tensors
        low, high = ctx.ends
        passed = gradient * torch.logical_and(x >= low, x <= high)
        if real is None:
            return passed, None, None, None
        outer = torch.dot(gradient.reshape(-1), real.reshape(-1)) - torch.dot(passed.reshape(-1), x.reshape(-1))
        return passed, (outer / scale).reshape(scale.shape), None, None


def on_grid(x: Tensor, scale: Tensor, zero_point: int, low: int, high: int) -> Tensor:
    """What is left of real numbers that are stored as integers from `low` to `high`, of which one stands for 0.

    Args:
        x: Real numbers.
        scale: One for all.
        zero_point: The integer that stands for 0.
        low: The smallest integer.
        high: The largest.
    """
    real: Tensor = _OnGrid.apply(  # type: ignore[no-untyped-call]
        x, scale, float(low - zero_point), float(high - zero_point)
    )
    return real


def to_integers(weights: Tensor, scales: Tensor, low: int, high: int, pairs: Tensor | None, limit: int) -> Tensor:
    """Weights as integers in 32-bit floats, rounded as they are stored.

    Args:
        weights: (channels, ...).
        scales: Broadcast against them.
        low: The smallest integer.
        high: The largest.
        pairs: (K,), the inputs of a channel in the order in which neighbours are added in 16 bits; None where they are
            added exactly.
        limit: What two neighbours of one sign may add up to.
    """
    inside = torch.clamp(weights / scales, low, high)
    integers = inside.detach().round()
    if pairs is not None:
        rows = integers.reshape(len(integers), -1)
        safe = torch.empty_like(rows)
        safe[:, pairs] = pair_safe(rows[:, pairs], limit)
        integers = safe.reshape(integers.shape)
    return inside + (integers - inside.detach())


def pair_safe(rows: Tensor, limit: int) -> Tensor:
    """Integers (channels, K) with pairs of neighbours of one sign brought down to a limit, both by half of the excess.

    The same as the static quantisation does (`steps/int8/saturation.py`), which see.
    """
    count = rows.shape[1]
    pairs = torch.nn.functional.pad(rows, (0, count % 2)).reshape(len(rows), -1, 2)
    sizes = pairs.abs()
    same = pairs[..., 0] * pairs[..., 1] > 0
    excess = (sizes.sum(dim=-1) - limit).clamp(min=0) * same
    first = torch.minimum(torch.floor((excess + 1) / 2), sizes[..., 0])
    safe = pairs.sign() * (sizes - torch.stack([first, excess - first], dim=-1))
    return safe.reshape(len(rows), -1)[:, :count]


def rounded(numbers: Tensor, step: Tensor) -> Tensor:
    """Multiples of a step."""
    return numbers + (torch.round(numbers.detach() / step) * step - numbers).detach()


def scaled_gradient(numbers: Tensor, factor: float) -> Tensor:
    """The same numbers, whose gradient is multiplied by a factor."""
    return numbers * factor + (numbers - numbers * factor).detach()
