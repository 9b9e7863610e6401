"""What a step may ask of the data."""

from typing import Literal

import numpy as np
from msgspec import Struct

Kind = Literal[
    "range",
    "histogram",
    "moments",
    "channel_mean",
    "channel_range",
    "covariance",
    "patch_moments",
    "sample",
    "vectors",
]


class Window(Struct, frozen=True):
    """How a convolution moves over its input; one number for each spatial axis.

    Attributes:
        kernel: Sizes of the kernel.
        strides: Steps from one result to the next.
        dilations: Steps between the inputs of one result.
        before: Zeros before the input.
        after: Zeros behind it.
        groups: Equal parts into which the channels fall, each read by outputs of its own.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    groups: int = 1

    def places(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """Sizes of the result for an input of these sizes."""
        axes = zip(sizes, self.kernel, self.strides, self.dilations, self.before, self.after, strict=True)
        return tuple(
            max((size + before + after - (kernel - 1) * dilation - 1) // stride + 1, 0)
            for size, kernel, stride, dilation, before, after in axes
        )


class StatisticRequest(Struct, frozen=True):
    """A statistic of one tensor over the calibration samples.

    Attributes:
        tensor: Name of the value in the model that the step is given.
        kind: What to collect:
            "range": minimum and maximum -> `Range`.
            "histogram": counts over a range that grows with the data -> `Histogram`.
            "moments": per channel mean and mean square -> `Moments`.
            "channel_mean": per channel mean -> `Moments` (without squares).
            "channel_range": per channel minimum and maximum -> `ChannelRange`.
            "covariance": second moment matrix over channels, uncentred, and the mean -> `Covariance`.
            "patch_moments": the same of what a convolution reads for one result, for each of its groups, with its
                inputs as in the weight (channels, then the kernel) -> `Covariance` of (groups, inputs, inputs).
            "sample": the values of the first samples -> array.
            "vectors": some vectors along the channel axis, `places` of each sample -> array (vectors, channels).
        axis: Where the channels lie; -1 for the inputs of a matrix product. A vector for each sample has them on
            axis 1 either way.
        window: How the convolution moves, for "patch_moments".
        places: How many of its results are looked at in one sample, for "patch_moments"; how many "vectors" are kept.
    """

    tensor: str
    kind: Kind
    axis: int = 1
    window: Window | None = None
    places: int = 256


class Range(Struct, frozen=True):
    """Smallest and largest value seen."""

    low: float
    high: float


class Histogram(Struct, frozen=True):
    """Counts of values in equal bins between `start` and `stop`, which hold all values; `low` and `high` were seen."""

    low: float
    high: float
    counts: np.ndarray
    start: float
    stop: float


class Moments(Struct, frozen=True):
    """Per channel: mean and mean of squares, each of shape (channels,)."""

    mean: np.ndarray
    square: np.ndarray


class ChannelRange(Struct, frozen=True):
    """Per channel: smallest and largest value seen, each of shape (channels,)."""

    low: np.ndarray
    high: np.ndarray


class Covariance(Struct, frozen=True):
    """Uncentred second moments of `count` vectors: `matrix` (channels, channels), mean of x x^T; `mean` (channels,)."""

    matrix: np.ndarray
    mean: np.ndarray
    count: int


Statistic = Range | Histogram | Moments | ChannelRange | Covariance | np.ndarray
