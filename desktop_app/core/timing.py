"""Time of a changed layer over its time now, read off what was measured of its kernel."""

from bisect import bisect_left

from desktop_app.core.layer import Layer
from desktop_app.core.summary import LayerCurve

BLOCK = 8
"""Channels that ONNX Runtime computes at a time; what fits no whole number of blocks it computes in another way."""


def width_ratio(layer: Layer, curve: LayerCurve, output: int, inputs: int) -> float:
    """Time with so many output channels and input channels of a group left, over that with all."""
    ratio = _along(curve.outputs, output) * _along(curve.inputs, inputs)
    odd_output, odd_input = curve.odd
    if _fits(layer.output.size) and not _fits(output):
        ratio *= odd_output
    if _fits(layer.input.size) and not _fits(inputs):
        ratio *= odd_input
    return ratio


def _fits(channels: int) -> bool:
    return channels % BLOCK == 0


def _along(points: tuple[tuple[int, float], ...], width: int) -> float:
    """Time at a width over that at the full width, between two points in proportion."""
    if not points:
        return 1.0
    full = points[-1][1]
    at = bisect_left(points, (width, 0.0))
    if at >= len(points):
        return 1.0
    right = points[at]
    left = points[at - 1] if at else (0, 0.0)
    share = (width - left[0]) / max(right[0] - left[0], 1)
    return (left[1] + share * (right[1] - left[1])) / full if full > 0.0 else 1.0
