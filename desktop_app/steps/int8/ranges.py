"""How the range of an activation is chosen from its histogram."""

from collections.abc import Callable, Mapping

import numpy as np

from desktop_app.stats.requests import Histogram

Interval = tuple[float, float]

LEVELS = 256
CANDIDATES = 64
"""How many clipped ranges a search looks at, evenly from an eighth of the whole range to all of it."""

PERCENTILE = 99.99


def choose_range(histogram: Histogram, method: str) -> Interval:
    """The interval to represent in 8 bits; it always holds 0, which padding and ReLU need exactly.

    Args:
        histogram: Of the activation over the calibration samples.
        method: "minmax", "percentile", "entropy", "mse" or "auto". "auto" is "mse": it gave the highest signal to noise
            on all nets tried, and of the others only "minmax" never fails badly.
    """
    if not histogram.counts.any():
        return 0.0, 0.0
    low, high = METHODS[method](histogram)
    return min(low, 0.0), max(high, 0.0)


def _minmax(histogram: Histogram) -> Interval:
    return histogram.low, histogram.high


def _percentile(histogram: Histogram) -> Interval:
    """Cuts the outermost 0.01 % on each side that reaches away from zero."""
    share = np.cumsum(histogram.counts) / histogram.counts.sum()
    edges = np.linspace(histogram.start, histogram.stop, len(histogram.counts) + 1)
    tail = 1.0 - PERCENTILE / 100.0
    low = edges[np.searchsorted(share, tail, side="right")]
    high = edges[min(int(np.searchsorted(share, 1.0 - tail)) + 1, len(edges) - 1)]
    return max(float(low), histogram.low), min(float(high), histogram.high)


def _mse(histogram: Histogram) -> Interval:
    """The clipped range with the least squared error: rounding inside, saturation outside."""
    centres, counts = _centres(histogram)

    def error(low: float, high: float) -> float:
        step = (high - low) / (LEVELS - 1)
        outside = np.maximum(low - centres, 0.0) + np.maximum(centres - high, 0.0)
        inside = (counts[outside == 0.0]).sum() * step * step / 12.0
        return float(inside + (counts * outside * outside).sum())

    return _search(histogram, error)


def _entropy(histogram: Histogram) -> Interval:
    """The clipped range whose quantised distribution diverges least from the real one (Kullback-Leibler).

    After Migacz, "8-bit inference with TensorRT" (GTC 2017), for ranges that need not be symmetric. As there, the bin
    of zero does not count: what ReLU cut off is represented exactly at any scale, and would outweigh all the rest.
    """
    centres, counts = _centres(histogram)
    counts[np.abs(centres).argmin()] = 0.0

    def divergence(low: float, high: float) -> float:
        inside = (centres >= low) & (centres <= high)
        if inside.sum() <= LEVELS or not counts[inside].any():
            return np.inf
        reference = counts[inside].copy()
        used = reference > 0
        level = np.floor((centres[inside] - low) / max(high - low, 1e-30) * LEVELS).astype(np.int64).clip(0, LEVELS - 1)
        mass = np.bincount(level, weights=reference, minlength=LEVELS)
        width = np.bincount(level, weights=used, minlength=LEVELS)
        spread = np.where(used, (mass / np.maximum(width, 1))[level], 0.0)
        reference[0] += counts[centres < low].sum()
        reference[-1] += counts[centres > high].sum()
        p, q = reference / reference.sum(), spread / spread.sum()
        some = p > 0
        return float((p[some] * np.log(p[some] / np.maximum(q[some], 1e-12))).sum())

    return _search(histogram, divergence)


def _search(histogram: Histogram, cost: Callable[[float, float], float]) -> Interval:
    """The candidate of least cost: first the upper end moves, then the lower; the wider one wins a tie."""
    low, high = min(histogram.low, 0.0), max(histogram.high, 0.0)
    shares = np.linspace(1.0, 0.125, CANDIDATES)
    if high > 0.0:
        high = min((high * share for share in shares), key=lambda end: cost(low, end))
    if low < 0.0:
        low = min((low * share for share in shares), key=lambda end: cost(end, high))
    return float(low), float(high)


def _centres(histogram: Histogram) -> tuple[np.ndarray, np.ndarray]:
    edges = np.linspace(histogram.start, histogram.stop, len(histogram.counts) + 1)
    return (edges[:-1] + edges[1:]) / 2.0, histogram.counts.astype(np.float64)


METHODS: Mapping[str, Callable[[Histogram], Interval]] = {
    "auto": _mse,
    "minmax": _minmax,
    "percentile": _percentile,
    "entropy": _entropy,
    "mse": _mse,
}
