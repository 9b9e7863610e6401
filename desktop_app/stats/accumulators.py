"""The accumulators of the statistics: each takes batch after batch and holds a constant amount of memory."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from desktop_app.stats.histogram import HistogramAccumulator, finite
from desktop_app.stats.patches import PatchMomentsAccumulator
from desktop_app.stats.requests import (
    ChannelRange,
    Covariance,
    Kind,
    Moments,
    Range,
    Statistic,
    StatisticRequest,
    Window,
)

SAMPLE_BYTES = 16 * 2**20
"""What a "sample" may hold of one tensor."""

MOST_VECTORS = 1024

POINT = Window((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))
"""A convolution over two axes that reads one place."""


class Accumulator(Protocol):
    """Takes a statistic of one tensor in as it streams by."""

    def add(self, values: np.ndarray) -> None:
        """Takes in the tensor's values for a batch, samples on the first axis."""

    def result(self) -> Statistic:
        """The statistic of all values so far."""


class RangeAccumulator:
    """Smallest and largest finite value; 0 and 0 when there was none."""

    def __init__(self) -> None:
        self._low, self._high = np.inf, -np.inf

    def add(self, values: np.ndarray) -> None:
        """Widens the range."""
        flat, low, high = finite(values)
        if flat.size:
            self._low, self._high = min(self._low, low), max(self._high, high)

    def result(self) -> Range:
        """The range so far."""
        return Range(self._low, self._high) if self._low <= self._high else Range(0.0, 0.0)


class MomentsAccumulator:
    """Mean, and mean of squares where asked for, of every channel."""

    def __init__(self, axis: int, squares: bool = True) -> None:
        self._axis, self._squares = axis, squares
        self._count = 0
        self._sum: np.ndarray = np.zeros(0)
        self._square: np.ndarray = np.zeros(0)

    def add(self, values: np.ndarray) -> None:
        """Adds to the sums."""
        rows, others = _all_but(values, self._axis)
        if not self._count:
            self._sum = np.zeros(values.shape[self._axis])
            self._square = np.zeros(values.shape[self._axis])
        self._count += rows
        self._sum += values.sum(axis=others, dtype=np.float64)
        if self._squares:
            self._square += np.square(values, dtype=np.float32).sum(axis=others, dtype=np.float64)

    def result(self) -> Moments:
        """The means so far."""
        count = max(self._count, 1)
        return Moments(self._sum / count, self._square / count)


class ChannelRangeAccumulator:
    """Smallest and largest value of every channel."""

    def __init__(self, axis: int) -> None:
        self._axis = axis
        self._low: np.ndarray | None = None
        self._high: np.ndarray | None = None

    def add(self, values: np.ndarray) -> None:
        """Widens the ranges."""
        _, others = _all_but(values, self._axis)
        low, high = values.min(axis=others), values.max(axis=others)
        self._low = low if self._low is None else np.minimum(self._low, low)
        self._high = high if self._high is None else np.maximum(self._high, high)

    def result(self) -> ChannelRange:
        """The ranges so far; empty when there was no value."""
        empty = np.zeros(0, np.float32)
        return ChannelRange(empty if self._low is None else self._low, empty if self._high is None else self._high)


class CovarianceAccumulator:
    """Second moments of the vectors along the channel axis."""

    def __init__(self, axis: int) -> None:
        self._axis = axis
        self._count = 0
        self._matrix: np.ndarray = np.zeros((0, 0))
        self._sum: np.ndarray = np.zeros(0)

    def add(self, values: np.ndarray) -> None:
        """Adds the outer products."""
        channels = values.shape[self._axis]
        vectors = np.moveaxis(values, self._axis, -1).reshape(-1, channels).astype(np.float32, copy=False)
        if not self._count:
            self._matrix, self._sum = np.zeros((channels, channels)), np.zeros(channels)
        self._count += len(vectors)
        self._matrix += vectors.T @ vectors
        self._sum += vectors.sum(axis=0, dtype=np.float64)

    def result(self) -> Covariance:
        """The second moments so far."""
        count = max(self._count, 1)
        return Covariance(self._matrix / count, self._sum / count, self._count)


class SampleAccumulator:
    """The values of the first samples, up to `SAMPLE_BYTES`."""

    def __init__(self) -> None:
        self._kept: list[np.ndarray] = []
        self._free = SAMPLE_BYTES

    def add(self, values: np.ndarray) -> None:
        """Keeps what still fits."""
        fit = min(len(values), self._free // max(values[:1].nbytes, 1))
        if fit > 0:
            self._kept.append(values[:fit].copy())
        self._free = self._free - fit * values[:1].nbytes if fit == len(values) else 0

    def result(self) -> np.ndarray:
        """The samples, on the first axis."""
        return np.concatenate(self._kept) if self._kept else np.zeros(0, np.float32)


class VectorsAccumulator:
    """Evenly spaced vectors along the channel axis, so many of each sample, until there are `MOST_VECTORS`."""

    def __init__(self, axis: int, places: int) -> None:
        self._axis, self._places = axis, places
        self._kept: list[np.ndarray] = []
        self._count = 0

    def add(self, values: np.ndarray) -> None:
        """Keeps some of a batch."""
        if self._count >= MOST_VECTORS:
            return
        vectors = np.moveaxis(values, self._axis, -1).reshape(-1, values.shape[self._axis])
        wanted = min(self._places * len(values), MOST_VECTORS - self._count, len(vectors))
        chosen = vectors[np.linspace(0, len(vectors) - 1, wanted).round().astype(np.int64)]
        self._kept.append(chosen.astype(np.float32))
        self._count += wanted

    def result(self) -> np.ndarray:
        """The vectors, (vectors, channels)."""
        return np.concatenate(self._kept) if self._kept else np.zeros((0, 0), np.float32)


ACCUMULATORS: Mapping[Kind, Callable[[StatisticRequest], Accumulator]] = {
    "range": lambda request: RangeAccumulator(),
    "histogram": lambda request: HistogramAccumulator(),
    "moments": lambda request: MomentsAccumulator(request.axis),
    "channel_mean": lambda request: MomentsAccumulator(request.axis, squares=False),
    "channel_range": lambda request: ChannelRangeAccumulator(request.axis),
    "covariance": lambda request: CovarianceAccumulator(request.axis),
    "patch_moments": lambda request: PatchMomentsAccumulator(request.window or POINT, request.places),
    "sample": lambda request: SampleAccumulator(),
    "vectors": lambda request: VectorsAccumulator(request.axis, request.places),
}


def _all_but(values: np.ndarray, axis: int) -> tuple[int, tuple[int, ...]]:
    """How many values a channel has, and the axes that they lie on."""
    axis %= values.ndim
    return values.size // max(values.shape[axis], 1), tuple(other for other in range(values.ndim) if other != axis)
