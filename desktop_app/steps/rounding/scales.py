"""Scales and zero points: searched before rounding, refitted after it."""

from dataclasses import dataclass

import numpy as np

from desktop_app.steps.rounding.levels import Levels
from desktop_app.steps.rounding.moments import error_of

SHRINK = tuple(1.0 - 0.025 * step for step in range(21))
"""Ranges tried, relative to the one that represents the largest weight."""

SHRINK_ENDS = tuple(1.0 - 0.06 * step for step in range(9))
"""The same for each end of a range by itself."""

HALF = np.finfo(np.float16)
SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Scales:
    """One scale and zero point for each `block` weights in a row: both (outputs, blocks).

    Attributes:
        scale: Representable in `dtype`, never zero.
        zero: Integers of the grid.
        dtype: float16 or float32, in which the scales will be stored.
    """

    low: int
    high: int
    scale: np.ndarray
    zero: np.ndarray
    dtype: np.dtype

    def levels(self, inputs: int) -> Levels:
        """The grid of rows of so many inputs."""
        return Levels.blocked(self.low, self.high, self.scale, self.zero, inputs)


def search(
    rows: np.ndarray, block: int, low: int, high: int, importance: np.ndarray, *, asymmetric: bool, half: bool
) -> Scales:
    """The scales of least squared error among those tried, each error weighed by the importance of its input.

    Args:
        rows: Weights (outputs, K).
        block: Weights that share a scale; divides K.
        low: Smallest integer, below 0.
        high: Largest integer.
        importance: Energy of the inputs, broadcasts against `rows`.
        asymmetric: Whether the range may lie unevenly around 0; else the weight of largest magnitude falls on the lower
            end, which reaches further, and scales may be negative.
        half: Whether scales should be float16, where their range allows it.
    """
    values = rows.reshape(len(rows), -1, block)
    weights = np.broadcast_to(importance, rows.shape).reshape(values.shape)
    largest = np.abs(values).max(axis=2)
    least = float(largest[largest > 0].min(initial=np.inf)) / (high - low) * min(SHRINK)
    fits = half and least > 4 * HALF.tiny and float(largest.max(initial=0.0)) < HALF.max
    dtype = np.dtype(np.float16 if fits else np.float32)
    ranges = _uneven(values) if asymmetric else _even(values, low, high)
    best = np.full(largest.shape, np.inf)
    scale, zero = np.ones(largest.shape), np.zeros(largest.shape)
    for bottom, top in ranges:
        tried = rounded((top - bottom) / (high - low), dtype)
        at = np.clip(np.rint(low - bottom / tried), low, high) if asymmetric else np.zeros(tried.shape)
        integers = np.clip(np.rint(values / tried[..., None] + at[..., None]), low, high)
        error = (weights * np.square((integers - at[..., None]) * tried[..., None] - values)).sum(axis=2)
        better = error < best
        best, scale, zero = (np.where(better, *pair) for pair in ((error, best), (tried, scale), (at, zero)))
    return Scales(low, high, np.where(largest > 0, scale, 1.0), np.where(largest > 0, zero, 0.0), dtype)


def rounded(scale: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Scales as they will be stored, in 64 bits; what vanishes becomes the smallest that does not."""
    stored = scale.astype(dtype).astype(np.float64)
    smallest = float(HALF.tiny) if dtype == np.float16 else SMALLEST
    return np.where(np.abs(stored) < smallest, smallest, stored)


def refit(rows: np.ndarray, moments: np.ndarray, scales: Scales, integers: np.ndarray) -> Scales:
    """Scales of least error for given integers: block after block in turn, each in closed form.

    Args:
        rows: Weights (groups, outputs, K).
        moments: (groups, K, K).
        scales: What to refit, (groups * outputs, blocks).
        integers: Of the rows' shape.

    Returns:
        The scales given where, rounded to their type, they are no better.
    """
    groups, outputs, inputs = rows.shape
    blocks = scales.scale.shape[1]
    block = inputs // blocks
    shape = (groups, outputs, blocks)
    steps = integers - np.repeat(scales.zero.reshape(shape), block, axis=2)
    scale = scales.scale.reshape(shape).copy()
    slope = (rows - steps * np.repeat(scale, block, axis=2)) @ moments
    for index in range(blocks):
        part = slice(index * block, (index + 1) * block)
        own = steps[:, :, part]
        curve = np.sum((own @ moments[:, part, part]) * own, axis=2)
        change = np.divide(np.sum(slope[:, :, part] * own, axis=2), curve, out=np.zeros_like(curve), where=curve > 0)
        change = rounded(scale[:, :, index] + change, scales.dtype) - scale[:, :, index]
        scale[:, :, index] += change
        slope -= (change[..., None] * own) @ moments[:, part, :]
    before = error_of(rows - steps * np.repeat(scales.scale.reshape(shape), block, axis=2), moments)
    after = error_of(rows - steps * np.repeat(scale, block, axis=2), moments)
    kept = np.where((after < before)[..., None], scale, scales.scale.reshape(shape))
    return Scales(scales.low, scales.high, kept.reshape(scales.scale.shape), scales.zero, scales.dtype)


def _even(values: np.ndarray, low: int, high: int) -> list[tuple[np.ndarray, np.ndarray]]:
    extreme = np.take_along_axis(values, np.abs(values).argmax(axis=2)[..., None], axis=2)[..., 0]
    step = extreme / low
    return [(low * step * factor, high * step * factor) for factor in SHRINK]


def _uneven(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    bottom, top = np.minimum(values.min(axis=2), 0.0), np.maximum(values.max(axis=2), 0.0)
    return [(bottom * first, top * second) for first in SHRINK_ENDS for second in SHRINK_ENDS]
