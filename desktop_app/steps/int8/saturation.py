"""What AVX2 without VNNI does to products of u8 and s8, and weights that it cannot hurt.

`vpmaddubsw` multiplies 8-bit integers and adds neighbouring products along K in signed 16 bits, saturated (Intel 64 and
IA-32 Architectures Software Developer's Manual, volume 2). 255 * (|a| + |b|) <= 32767 holds for two weights of one sign
exactly when |a| + |b| <= 128; of opposite signs they can never overflow.
"""

import numpy as np

PAIR_LIMIT = 128
INT16 = np.iinfo(np.int16)


def multiply_saturating(activations: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The product as a processor without VNNI computes it.

    Args:
        activations: u8, (rows, K).
        weights: s8, (K, columns).

    Returns:
        int32 sums of 16-bit pair sums, each saturated, (rows, columns).
    """
    sums = np.zeros((len(activations), weights.shape[1]), np.int32)
    left, right = activations.astype(np.int32), weights.astype(np.int32)
    for first in range(0, right.shape[0], 2):
        pair = left[:, first : first + 2] @ right[first : first + 2]
        sums += np.clip(pair, INT16.min, INT16.max)
    return sums


def largest_pair(rows: np.ndarray) -> int:
    """The largest |a + b| over neighbouring weights (2i, 2i + 1) of one sign along the last axis."""
    pairs = _paired(np.asarray(rows, np.int64))
    same = pairs[..., 0] * pairs[..., 1] >= 0
    return int(np.abs(pairs.sum(axis=-1) * same).max(initial=0))


def make_pair_safe(rows: np.ndarray) -> np.ndarray:
    """Integer weights with every pair of one sign brought down to the limit, the excess taken from both alike.

    Args:
        rows: Rounded weights in [-127, 127], (channels, K), K as the kernel packs it.
    """
    pairs = _paired(rows)
    signs = np.sign(pairs)
    sizes = np.abs(pairs)
    excess = np.where(signs[..., 0] * signs[..., 1] > 0, np.maximum(sizes.sum(axis=-1) - PAIR_LIMIT, 0), 0)
    first = np.minimum((excess + 1) // 2, sizes[..., 0])
    safe = signs * (sizes - np.stack([first, excess - first], axis=-1))
    kept: np.ndarray = safe.reshape(*rows.shape[:-1], -1)[..., : rows.shape[-1]]
    return kept


def _paired(rows: np.ndarray) -> np.ndarray:
    """(..., K) as (..., pairs, 2), a zero behind an odd K."""
    if rows.shape[-1] % 2:
        rows = np.concatenate([rows, np.zeros_like(rows[..., :1])], axis=-1)
    return rows.reshape(*rows.shape[:-1], -1, 2)
