"""Batch normalisation of few channels that lie last in memory, in the rows that the processor is fast at.

torch adds up what lies between two places of one channel as long as there are channels, and its threads share the line
of memory that the sums lie in: on two threads, images of 6 channels took four times as long as those of 16. Here
several places make one long row, the sums of a row are added up for each channel in the end, and nothing else changes
(Ioffe and Szegedy 2015, algorithm 1; gradients as in its section 3).
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor
from torch.autograd.function import once_differentiable

FEW, WORTH = 16, 2**15
"""Below so many channels torch is slower, where there are as many numbers as that."""

LONG = 192
"""Numbers of a row, at least, where there are as many places."""


def by_batch(
    x: Tensor, scale: Tensor, shift: Tensor, running: tuple[Tensor, Tensor] | None, momentum: float, epsilon: float
) -> Tensor:
    """A batch normalised by its own statistics; running ones follow them by `momentum`.

    Args:
        x: Images (N, C, H, W), or anything with its channels in axis 1.
        scale: (C,).
        shift: (C,).
        running: Mean and variance (C,), or None.
        momentum: Share of the batch's in the running statistics.
        epsilon: Added to the variance.
    """
    if not _in_rows(x):
        mean, variance = running or (None, None)
        return F.batch_norm(x, mean, variance, scale, shift, True, momentum, epsilon)
    found: Tensor
    found, mean, variance = _Rows.apply(x, scale, shift, epsilon)  # type: ignore[no-untyped-call]
    if running is not None:
        places = x.numel() // x.shape[1]
        with torch.no_grad():
            running[0].lerp_(mean, momentum)
            running[1].lerp_(variance * (places / (places - 1)), momentum)
    return found


class _Rows(torch.autograd.Function):
    """The normalised images, and mean and variance of the batch (C,)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
        rows, repeats = _rows(x), _repeats(x)
        means, variances = (one.view(repeats, -1) for one in _moments(rows, scale))
        mean = means.mean(0)
        variance = variances.mean(0) + (means - mean).square().mean(0)
        factor = scale * torch.rsqrt(variance + epsilon)
        ctx.save_for_backward(x, scale, mean, variance)
        ctx.epsilon = epsilon
        ctx.mark_non_differentiable(mean, variance)
        return _images(_affine(rows, factor, shift - mean * factor), x), mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grown: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        x, scale, mean, variance = ctx.saved_tensors
        rows, changes = _rows(x), _rows(grown.contiguous(memory_format=torch.channels_last))
        places, inverse = x.numel() // x.shape[1], torch.rsqrt(variance + ctx.epsilon)
        to_scale, to_shift = _sums(changes, rows, mean, variance, ctx.epsilon)
        factor = scale * inverse
        with_x = -factor * inverse * to_scale / places
        moved = _affine(changes, factor, -factor * to_shift / places - with_x * mean)
        moved = moved.addcmul_(rows, with_x.to(x.dtype).repeat(_repeats(x)))
        return _images(moved, x), to_scale, to_shift, None


def _in_rows(x: Tensor) -> bool:
    if x.dim() != len("nchw") or not 1 < x.shape[1] < FEW or x.numel() < WORTH:
        return False
    return x.device.type == "cpu" and x.is_contiguous(memory_format=torch.channels_last)


def _repeats(x: Tensor) -> int:
    """How many places make a row: a power of two that divides their number."""
    channels, repeats = x.shape[1], 1
    places = x.numel() // channels
    while repeats * channels < LONG and places % (2 * repeats) == 0:
        repeats *= 2
    return repeats


def _rows(x: Tensor) -> Tensor:
    """Images as rows, in the same memory."""
    return x.permute(0, 2, 3, 1).reshape(-1, _repeats(x) * x.shape[1])


def _images(rows: Tensor, like: Tensor) -> Tensor:
    samples, channels, height, width = like.shape
    return rows.view(samples, height, width, channels).permute(0, 3, 1, 2)


def _moments(rows: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of each column, in the precision of `like`: torch gives them in that of running statistics."""
    first, second = (torch.zeros(rows.shape[1], dtype=like.dtype) for _ in range(2))
    return torch.batch_norm_update_stats(rows, first, second, 0.0)


def _affine(rows: Tensor, factor: Tensor, shift: Tensor) -> Tensor:
    """Rows with each channel times a factor, plus a shift, rounded once."""
    repeats = rows.shape[1] // len(factor)
    factors, shifts = factor.repeat(repeats), shift.repeat(repeats)
    return F.batch_norm(rows, torch.zeros_like(factors), torch.ones_like(factors), factors, shifts, eps=0.0)


def _sums(changes: Tensor, rows: Tensor, mean: Tensor, variance: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """For each channel the changes times the normalised values, and the changes alone, added up."""
    repeats = rows.shape[1] // len(mean)
    means, variances = mean.repeat(repeats), variance.repeat(repeats)
    _, to_scale, to_shift = torch.ops.aten.native_batch_norm_backward(
        changes, rows, None, means, variances, None, None, False, epsilon, [False, True, True]
    )
    return to_scale.view(repeats, -1).sum(0), to_shift.view(repeats, -1).sum(0)
