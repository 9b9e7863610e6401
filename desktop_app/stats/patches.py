"""Second moments of what a convolution reads: the inputs under its kernel, place by place."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from desktop_app.stats.requests import Covariance, Window

ELEMENTS_AT_ONCE = 2**21
"""Patches repeat every input once for each place of the kernel; so many numbers of them are held at a time."""


class PatchMomentsAccumulator:
    """Second moments of patches, for each group of a grouped convolution; of large results some places are looked at.

    The places are drawn anew for every batch, the same ones in every run.
    """

    def __init__(self, window: Window, places: int) -> None:
        self._window, self._places = window, max(places, 1)
        self._count = self._batches = 0
        self._matrix: np.ndarray = np.zeros((1, 0, 0))
        self._sum: np.ndarray = np.zeros((1, 0))

    def add(self, values: np.ndarray) -> None:
        """Adds the outer products of the patches of a batch (samples, channels, ...)."""
        for patches in self._patches(values):
            groups, rows, inputs = patches.shape
            if not self._count:
                self._matrix, self._sum = np.zeros((groups, inputs, inputs)), np.zeros((groups, inputs))
            self._count += rows
            self._matrix += patches.transpose(0, 2, 1) @ patches
            self._sum += patches.sum(axis=1, dtype=np.float64)

    def result(self) -> Covariance:
        """The second moments so far."""
        count = max(self._count, 1)
        return Covariance(self._matrix / count, self._sum / count, self._count)

    def _patches(self, values: np.ndarray) -> Iterator[np.ndarray]:
        """Patches (groups, rows, inputs), a few samples at a time."""
        places = self._chosen(self._window.places(values.shape[2:]))
        if not len(places[0]):
            return
        each = len(places[0]) * values.shape[1] * prod(self._window.kernel)
        step = max(ELEMENTS_AT_ONCE // each, 1)
        for start in range(0, len(values), step):
            yield gather(values[start : start + step], self._window, places)

    def _chosen(self, sizes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
        count = prod(sizes)
        self._batches += 1
        if count <= self._places:
            return np.unravel_index(np.arange(count), sizes) if count > 0 else (np.zeros(0, np.int64),)
        chosen = np.random.default_rng(self._batches).choice(count, self._places, replace=False)
        return np.unravel_index(np.sort(chosen), sizes)


def gather(values: np.ndarray, window: Window, places: tuple[np.ndarray, ...]) -> np.ndarray:
    """The inputs under the kernel, (groups, samples * places, channels of a group * kernel).

    Args:
        values: (samples, channels, ...).
        window: How the kernel moves.
        places: For each spatial axis the coordinates in the result.
    """
    padding = [(0, 0), (0, 0), *zip(window.before, window.after, strict=True)]
    real = values.astype(np.float32, copy=False)
    padded = np.pad(real, padding) if any(sum(one) for one in padding) else real
    spans = tuple((kernel - 1) * dilation + 1 for kernel, dilation in zip(window.kernel, window.dilations, strict=True))
    axes = tuple(range(2, values.ndim))
    views = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=axes)
    every = slice(None)
    thin: tuple[Any, ...] = (every, every, *([every] * len(axes)), *(slice(None, None, d) for d in window.dilations))
    at: tuple[Any, ...] = (every, every, *(place * step for place, step in zip(places, window.strides, strict=True)))
    found = views[thin][at]  # (samples, channels, places, *kernel)
    samples, channels, count = found.shape[:3]
    grouped = found.reshape(samples, window.groups, channels // window.groups, count, -1)
    rows: np.ndarray = grouped.transpose(1, 0, 3, 2, 4).reshape(window.groups, samples * count, -1)
    return rows
