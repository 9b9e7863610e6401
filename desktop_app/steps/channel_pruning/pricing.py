"""What a layer costs at a width: by multiply-accumulates, or by time."""

from collections.abc import Callable

from desktop_app.core.layer import Layer

Price = Callable[[Layer, int, int], float]
"""What a layer costs with so many output and input channels: multiply-accumulates, or time."""

LANES = 8
"""Widths that are fast are multiples of this: floats in a vector register, and channels in a block of the layout."""


def macs(layer: Layer, output: int, inputs: int) -> float:
    """Multiply-accumulates of a layer and what is beside it."""
    return float(sum(layer.macs_left(output, inputs)))


def padded_macs(layer: Layer, output: int, inputs: int) -> float:
    """Multiply-accumulates as if every width were filled up to whole vectors, as kernels do at best."""
    return macs(layer, _padded(output), inputs if inputs == 1 else _padded(inputs))


def _padded(width: int) -> int:
    return -(-width // LANES) * LANES
