"""Weights as integers of 8 bits, or of fewer in the same bytes, with one scale for each output channel."""

from dataclasses import dataclass

import numpy as np

from desktop_app.steps.int8.saturation import make_pair_safe

BITS = 8
LIMIT = 127
SMALLEST = 1e-20
"""Below it the product with an activation's scale would leave the range of 32-bit floats."""

FACTORS = tuple(1.0 - 0.03 * step for step in range(8))
"""Scales tried, relative to that of the channel's largest weight: clipping it may round the rest better."""

PAIR_SAFE_FACTORS = tuple(0.9 + 0.1 * step for step in range(12))
"""Up to twice as large, where any two weights fit together."""

FEW_BITS_FACTORS = tuple(1.0 - 0.04 * step for step in range(16))
"""With few levels, more is gained by clipping than is lost."""


def ends(bits: int) -> tuple[int, int]:
    """The smallest and the largest integer: of 8 bits an even number, of fewer all that there are."""
    return (-LIMIT, LIMIT) if bits == BITS else (-(1 << bits - 1), (1 << bits - 1) - 1)


@dataclass(frozen=True)
class QuantizedWeight:
    """Integers of the weight's shape, a scale for each index of `axis`; `bits` say between which ends they lie."""

    stored: np.ndarray
    scales: np.ndarray
    axis: int
    bits: int = BITS

    def values(self) -> np.ndarray:
        """What the integers stand for, as 32-bit floats."""
        shape = [1] * self.stored.ndim
        shape[self.axis] = -1
        real: np.ndarray = self.stored.astype(np.float32) * self.scales.reshape(shape)
        return real


def quantize_weight(
    weight: np.ndarray, axis: int, packed: tuple[int, ...], *, pair_safe: bool, floor: np.ndarray, bits: int = BITS
) -> QuantizedWeight:
    """Rounds a weight with, for each output channel, the scale of least squared error.

    Args:
        weight: Finite float weights.
        axis: The axis of output channels.
        packed: The other axes in the order in which the kernel packs them along K.
        pair_safe: Whether neighbouring weights must fit into a 16-bit sum (see `saturation`).
        floor: The least scale that each channel may have, so that its 32-bit bias does not overflow.
        bits: Of an integer; pairs of fewer than 8 always fit.
    """
    order, (low, high) = (axis, *packed), ends(bits)
    rows = weight.transpose(order).reshape(weight.shape[axis], -1).astype(np.float64)
    largest = np.abs(rows).max(axis=1, initial=0.0)
    base = np.where(largest > 0, largest, largest.max(initial=0.0) or 1.0) / high
    floor = np.maximum(floor, np.float64(SMALLEST))
    best = np.full(len(rows), np.inf)
    scales, stored = np.maximum(base, floor), np.zeros_like(rows)
    factors = FEW_BITS_FACTORS if bits < BITS else PAIR_SAFE_FACTORS if pair_safe else FACTORS
    for factor in factors:
        scale = np.maximum(base * factor, floor).astype(np.float32).astype(np.float64)
        rounded = np.clip(np.rint(rows / scale[:, None]), low, high)
        if pair_safe and bits == BITS:
            rounded = make_pair_safe(rounded)
        error = np.square(rounded * scale[:, None] - rows).sum(axis=1)
        better = error < best
        best = np.where(better, error, best)
        scales = np.where(better, scale, scales)
        stored = np.where(better[:, None], rounded, stored)
    shape = [weight.shape[position] for position in order]
    integers = stored.reshape(shape).transpose(np.argsort(order)).astype(np.int8)
    return QuantizedWeight(np.ascontiguousarray(integers), scales.astype(np.float32), axis, bits)
