"""What a step may ask of the data."""

from typing import Literal

import numpy as np
from msgspec import Struct

Kind = Literal["range", "histogram", "moments", "channel_mean", "covariance", "sample"]


class StatisticRequest(Struct, frozen=True):
    """A statistic of one tensor over the calibration samples.

    Attributes:
        tensor: Name of the value in the model that the step is given.
        kind: What to collect:
            "range": minimum and maximum -> `Range`.
            "histogram": counts over a range that grows with the data -> `Histogram`.
            "moments": per channel (axis 1; last axis for matrices) mean and mean square -> `Moments`.
            "channel_mean": per channel mean -> `Moments` (without squares).
            "covariance": second moment matrix over channels, uncentred, and the mean -> `Covariance`.
            "sample": the values of the first samples -> array.
    """

    tensor: str
    kind: Kind


class Range(Struct, frozen=True):
    """Smallest and largest value seen."""

    low: float
    high: float


class Histogram(Struct, frozen=True):
    """Counts of values in equal bins between `low` and `high`."""

    low: float
    high: float
    counts: np.ndarray


class Moments(Struct, frozen=True):
    """Per channel: mean and mean of squares, each of shape (channels,)."""

    mean: np.ndarray
    square: np.ndarray


class Covariance(Struct, frozen=True):
    """Uncentred second moments of `count` vectors: `matrix` (channels, channels), mean of x x^T; `mean` (channels,)."""

    matrix: np.ndarray
    mean: np.ndarray
    count: int


Statistic = Range | Histogram | Moments | Covariance | np.ndarray
