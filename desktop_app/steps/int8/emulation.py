"""What a processor without VNNI makes of a layer in 8 bits, computed on any processor, bit for bit."""

from math import prod

import numpy as np

from desktop_app.stats.patches import gather
from desktop_app.stats.requests import Window
from desktop_app.steps.int8.saturation import multiply_saturating


def multiply(stored: np.ndarray, zero_point: int, weights: np.ndarray, *, saturating: bool) -> np.ndarray:
    """int32 sums of a matrix product, (rows, columns).

    Args:
        stored: u8, (rows, K).
        zero_point: The integer that stands for 0 in `stored`.
        weights: s8, (K, columns).
        saturating: Whether neighbouring products are added in 16 bits (see `saturation`), or exactly.
    """
    add = multiply_saturating if saturating else _multiply_exactly
    sums = add(stored, weights)
    correction = zero_point * weights.sum(axis=0, dtype=np.int32)
    corrected: np.ndarray = sums - correction
    return corrected


def convolve(
    stored: np.ndarray, zero_point: int, weights: np.ndarray, window: Window, *, saturating: bool
) -> np.ndarray:
    """int32 sums of a convolution, (samples, outputs, ...).

    A depthwise kernel adds each product in 32 bits on every processor; the others multiply matrices whose K runs over
    the kernel's places and within them over the channels.

    Args:
        stored: u8, (samples, channels, ...).
        zero_point: The integer that stands for 0 in `stored`, and in its padding.
        weights: s8, (outputs, channels of a group, ...).
        window: How the kernel moves.
        saturating: Whether the processor adds neighbouring products in 16 bits.
    """
    sizes = window.places(stored.shape[2:])
    places = np.unravel_index(np.arange(prod(sizes)), sizes)
    outputs, own = weights.shape[0] // window.groups, weights.shape[1]
    depthwise = own == 1 and window.groups == weights.shape[0]
    rows = gather(stored.astype(np.float32) + 1, window, places)  # what is padded is 0, nothing else
    integers = np.where(rows == 0, zero_point, rows - 1).astype(np.uint8)
    order = np.arange(integers.shape[2]).reshape(own, -1).T.reshape(-1)
    matrices = weights.reshape(window.groups, outputs, -1)[:, :, order].transpose(0, 2, 1)
    found = [
        multiply(part[:, order], zero_point, matrix, saturating=saturating and not depthwise)
        for part, matrix in zip(integers, matrices, strict=True)
    ]
    return (
        np.concatenate(found, axis=1)
        .reshape(len(stored), -1, weights.shape[0])
        .transpose(0, 2, 1)
        .reshape(len(stored), weights.shape[0], *sizes)
    )


def _multiply_exactly(stored: np.ndarray, weights: np.ndarray) -> np.ndarray:
    sums: np.ndarray = stored.astype(np.int32) @ weights.astype(np.int32)
    return sums
