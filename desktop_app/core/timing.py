"""Time of a changed layer over its time now, read off what was measured of its kernel."""

from bisect import bisect_left

from desktop_app.core.layer import Layer
from desktop_app.core.summary import LayerCurve

BLOCK = 8
"""Channels that ONNX Runtime computes at a time; what fits no whole number of blocks it computes in another way."""

BESIDE_INT8 = 0.5
"""What is left in 8 bits of the time beside the kernel: activations disappear in the rounding, sums move fewer bytes.

0.2, 0.5, 0.6 and 0.9 were left in four nets, of 7 to 15 % of their time: it matters little.
"""


def row_ratio(
    layer: Layer,
    curve: LayerCurve,
    milliseconds: float,
    left: tuple[int, int],
    work: float,
    *,
    int8: bool,
    rank: int | None = None,
) -> float:
    """Time of a layer's row when it is changed, over its time now.

    Args:
        layer: The layer.
        curve: What its kernel takes.
        milliseconds: What its row takes now. What is not the kernel's goes with the output channels that stay.
        left: Output channels, and input channels of a group, that stay.
        work: Multiply-accumulates over what they would be with these channels: below 1 where it is factorised.
        int8: Whether it runs in 8 bits.
        rank: Channels between its two parts, where it is factorised into a convolution and one of 1 x 1.
    """
    whole = curve.outputs[-1][1]
    share = min(1e-3 * whole / milliseconds, 1.0) if milliseconds > 0.0 else 1.0
    int8 = int8 and bool(curve.int8_outputs)
    second = curve.int8_second if int8 else curve.second
    if rank is not None and second and whole > 0.0:
        kernel = _kernel_ratio(layer, curve, whole, (rank, left[1]), int8=int8)
        kernel += _time_at(second, rank) / whole * left[0] / max(layer.output.size, 1)
        work = 1.0
    else:
        kernel = _kernel_ratio(layer, curve, whole, left, int8=int8)
    beside = (1.0 - share) * left[0] / max(layer.output.size, 1)
    return share * work * kernel + beside * (BESIDE_INT8 if int8 else 1.0)


def _kernel_ratio(layer: Layer, curve: LayerCurve, whole: float, left: tuple[int, int], *, int8: bool) -> float:
    """Time of the kernel with these channels over that of the whole in float."""
    ratio = _int8_ratio(curve, whole, left) if int8 else _float_ratio(curve, left)
    return ratio * _odd(layer, curve.int8_odd if int8 else curve.odd, left)


def _time_at(points: tuple[tuple[int, float], ...], width: int) -> float:
    """Between two points in proportion, beyond the last as it rises there."""
    at = min(bisect_left(points, (width, 0.0)), len(points) - 1)
    left, right = (points[at - 1] if at else (0, 0.0)), points[at]
    share = (width - left[0]) / max(right[0] - left[0], 1)
    return left[1] + share * (right[1] - left[1])


def _float_ratio(curve: LayerCurve, left: tuple[int, int]) -> float:
    return _along(curve.outputs, left[0]) * _along(curve.inputs, left[1])


def _odd(layer: Layer, odd: tuple[float, float, float], left: tuple[int, int]) -> float:
    """What it costs that widths fit no whole blocks any more."""
    output, inputs = (
        _fits(whole) and not _fits(width)
        for whole, width in zip((layer.output.size, layer.input.size), left, strict=True)
    )
    if output and inputs:
        return odd[2]
    return odd[0] if output else odd[1] if inputs else 1.0


def _int8_ratio(curve: LayerCurve, whole: float, left: tuple[int, int]) -> float:
    ratio = _along(curve.int8_outputs, left[0]) * _along(curve.int8_inputs, left[1])
    return ratio * curve.int8_outputs[-1][1] / whole if whole > 0.0 else ratio


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
