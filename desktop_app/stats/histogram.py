"""A histogram of a stream of values whose range is not known beforehand."""

import numpy as np

from desktop_app.stats.requests import Histogram

BINS = 2048
VALUES_PER_SAMPLE = 2**14
"""Counting every value of a large activation costs more than computing it, and tells no more than an even subset."""


class HistogramAccumulator:
    """Counts values in a fixed number of bins; where one falls outside, neighbouring bins merge and the range doubles.

    Minimum and maximum are exact; of large tensors an evenly spaced subset is counted.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(BINS, np.int64)
        self._start = self._stop = 0.0
        self._low, self._high = np.inf, -np.inf

    def add(self, values: np.ndarray) -> None:
        """Counts the values of a batch; what is not finite is left out."""
        flat, low, high = finite(values)
        if not flat.size:
            return
        self._low, self._high = min(self._low, low), max(self._high, high)
        self._cover(low, high)
        subset = flat[:: subset_stride(flat.size, len(values))]
        scale = BINS / (self._stop - self._start)
        bins = ((subset.astype(np.float64) - self._start) * scale).astype(np.int64)
        self._counts += np.bincount(np.clip(bins, 0, BINS - 1), minlength=BINS)

    def result(self) -> Histogram:
        """The histogram so far; all zero when no value was seen."""
        if self._low > self._high:
            return Histogram(0.0, 0.0, self._counts.copy(), 0.0, 0.0)
        return Histogram(self._low, self._high, self._counts.copy(), self._start, self._stop)

    def _cover(self, low: float, high: float) -> None:
        if self._start == self._stop:
            width = max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-12)
            self._start, self._stop = low, low + width
        while high > self._stop:
            self._counts = np.concatenate([_merged(self._counts), np.zeros(BINS // 2, np.int64)])
            self._stop += self._stop - self._start
        while low < self._start:
            self._counts = np.concatenate([np.zeros(BINS // 2, np.int64), _merged(self._counts)])
            self._start -= self._stop - self._start


def finite(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The values as a flat float array without what is not finite; the smallest and the largest of them."""
    flat = np.asarray(values, np.float32).ravel()
    if not flat.size:
        return flat, 0.0, 0.0
    low, high = float(flat.min()), float(flat.max())
    if not np.isfinite(low + high):
        return finite(flat[np.isfinite(flat)])
    return flat, low, high


def subset_stride(size: int, samples: int) -> int:
    """An odd step through a flat tensor that takes about `VALUES_PER_SAMPLE` of each sample."""
    stride = size // (VALUES_PER_SAMPLE * max(samples, 1))
    return stride | 1 if stride > 1 else 1


def _merged(counts: np.ndarray) -> np.ndarray:
    merged: np.ndarray = counts.reshape(-1, 2).sum(axis=1)
    return merged
