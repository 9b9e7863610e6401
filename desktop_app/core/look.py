"""What the numbers of one layer say about its knobs: arrays of any size, reduced to what a picture can show."""

from msgspec import Struct

MOST_POINTS = 1024
"""More channels or singular values are thinned out evenly: a picture is narrower than that."""


class Histogram(Struct, frozen=True):
    """Counts of values in equal bins between `start` and `stop`, which hold all that were counted."""

    start: float
    stop: float
    counts: tuple[int, ...]


class WeightLook(Struct, frozen=True):
    """The elements of a weight.

    Attributes:
        count: How many.
        low: The smallest.
        high: The largest.
        deviation: Standard deviation.
        zeros: Share that is exactly zero.
        histogram: Over the whole range.
        magnitudes: Of the absolute values: 101 quantiles, from the smallest to the largest.
    """

    count: int
    low: float
    high: float
    deviation: float
    zeros: float
    histogram: Histogram
    magnitudes: tuple[float, ...]


class ChannelLook(Struct, frozen=True):
    """The L2 norms of the output channels, rising; of more than `MOST_POINTS` an even selection."""

    count: int
    norms: tuple[float, ...]


class SpectrumLook(Struct, frozen=True):
    """Singular values, falling, of the weight as a matrix of outputs by all that they read.

    Attributes:
        full: How many there are.
        values: They, or an even selection where they are more than `MOST_POINTS`.
        kept: Beside each value, the share of the sum of squares that the values up to it hold.
    """

    full: int
    values: tuple[float, ...]
    kept: tuple[float, ...]


class LayerLook(Struct, frozen=True):
    """A layer's weight, once normalisation is folded into it, as every run does first.

    Attributes:
        layer: Its name.
        reason: Why nothing can be told; empty where something can. Then the rest is None.
        weight: Its elements.
        channels: Its channels; None where it makes none that can be told apart.
        spectrum: Its singular values; None where it is no matrix or too large.
        spectrum_reason: Why not.
        noise: Bits to signal to noise in decibel, when every channel is rounded to them by a scale of its own.
    """

    layer: str
    reason: str = ""
    weight: WeightLook | None = None
    channels: ChannelLook | None = None
    spectrum: SpectrumLook | None = None
    spectrum_reason: str = ""
    noise: tuple[tuple[int, float], ...] = ()


class ActivationLook(Struct, frozen=True):
    """What a layer's row gives on samples: its smallest and largest value, and how the values are spread."""

    layer: str
    low: float
    high: float
    histogram: Histogram
