"""Resizing of images, one axis after the other: every output is a weighted sum of a few neighbours.

The places follow the ONNX specification of Resize, with the arithmetic of ONNX Runtime (single precision).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from desktop_app.learn.operators.arguments import listed
from desktop_app.learn.operators.base import Compute, Node, Operator


@dataclass(frozen=True)
class Axis:
    """One axis: its size before and after, by how much it is scaled, and the part of it that is shown."""

    size: int
    result: int
    scale: float
    start: float = 0.0
    end: float = 1.0


def _half_pixel(axis: Axis, x: np.ndarray) -> np.ndarray:
    return (x + np.float32(0.5)) / np.float32(axis.scale) - np.float32(0.5)


def _half_pixel_symmetric(axis: Axis, x: np.ndarray) -> np.ndarray:
    centre = axis.size / 2
    offset = centre * (1 - axis.result / (axis.scale * axis.size))
    return offset + _half_pixel(axis, x)


def _pytorch_half_pixel(axis: Axis, x: np.ndarray) -> np.ndarray:
    return _half_pixel(axis, x) if axis.result > 1 else np.zeros_like(x)


def _align_corners(axis: Axis, x: np.ndarray) -> np.ndarray:
    return x * np.float32(axis.size - 1) / np.float32(axis.result - 1) if axis.result > 1 else np.zeros_like(x)


def _asymmetric(axis: Axis, x: np.ndarray) -> np.ndarray:
    return x / np.float32(axis.scale)


def _tf_half_pixel(axis: Axis, x: np.ndarray) -> np.ndarray:
    return (x + np.float32(0.5)) / np.float32(axis.scale)


def _crop_and_resize(axis: Axis, x: np.ndarray) -> np.ndarray:
    last = axis.size - 1
    if axis.result == 1:
        return np.full_like(x, 0.5 * (axis.start + axis.end) * last)
    return axis.start * last + x * np.float32((axis.end - axis.start) * last / (axis.result - 1))


_PLACES: Mapping[str, Callable[[Axis, np.ndarray], np.ndarray]] = {
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": _half_pixel_symmetric,
    "pytorch_half_pixel": _pytorch_half_pixel,
    "align_corners": _align_corners,
    "asymmetric": _asymmetric,
    "tf_half_pixel_for_nn": _tf_half_pixel,
    "tf_crop_and_resize": _crop_and_resize,
}

_ROUNDINGS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "round_prefer_floor": lambda x: np.ceil(x - np.float32(0.5)),
    "round_prefer_ceil": lambda x: np.floor(x + np.float32(0.5)),
    "floor": np.floor,
    "ceil": np.ceil,
}


@dataclass(frozen=True)
class Manner:
    """How a node resizes: its attributes, with the defaults of its version."""

    mode: str
    places: str
    rounding: str
    cubic: float
    inside_only: bool
    smooth: bool
    outside: float

    def weights(self, axis: Axis) -> tuple[np.ndarray, np.ndarray]:
        """For every output the neighbours [result, k] and their weights [result, k]."""
        x = _PLACES[self.places](axis, np.arange(axis.result, dtype=np.float32)).astype(np.float32)
        if self.mode == "nearest":
            rounded = _ROUNDINGS[self.rounding](x).astype(np.int64)
            return np.clip(rounded, 0, axis.size - 1)[:, None], np.ones((len(x), 1), np.float32)
        narrow = min(axis.scale, 1.0) if self.smooth else 1.0
        reach = (2 if self.mode == "cubic" else 1) / narrow
        span = int(np.ceil(reach))
        index = np.floor(x)[:, None].astype(np.int64) + np.arange(1 - span, span + 1)
        weights = self._kernel((index - x[:, None].astype(np.float64)) * narrow)
        inside = (index >= 0) & (index < axis.size)
        if self.inside_only:
            weights = np.where(inside, weights, 0.0)
        if self.inside_only or self.smooth:
            weights = weights / weights.sum(1, keepdims=True)
        return np.clip(index, 0, axis.size - 1), weights.astype(np.float32)

    def _kernel(self, distance: np.ndarray) -> np.ndarray:
        """The interpolation kernel at a distance from its centre (Keys, 1981, for the cubic one)."""
        d, a = np.abs(distance), self.cubic
        if self.mode == "linear":
            line: np.ndarray = np.clip(1.0 - d, 0.0, None)
            return line
        near = ((a + 2) * d - (a + 3)) * d * d + 1
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        kernel: np.ndarray = np.where(d <= 1, near, np.where(d < 2, far, 0.0))
        return kernel

    def beyond(self, axis: Axis) -> np.ndarray | None:
        """Which outputs lie outside of the image and get a constant."""
        if self.places != "tf_crop_and_resize":
            return None
        x = _PLACES[self.places](axis, np.arange(axis.result, dtype=np.float32))
        return (x < 0) | (x > axis.size - 1)


def resized(x: Tensor, dim: int, axis: Axis, manner: Manner) -> Tensor:
    """The tensor with one axis resized."""
    if axis.size == axis.result and axis.scale == 1.0 and manner.places != "tf_crop_and_resize":
        return x
    index, weights = manner.weights(axis)
    places = torch.from_numpy(index).to(x.device)
    if manner.mode == "nearest":
        times = axis.result // axis.size
        if times and np.array_equal(index[:, 0], np.arange(axis.result) // times):
            return x.repeat_interleave(times, dim)
        found = x.index_select(dim, places[:, 0])
    else:
        shape = [-1 if one == dim else 1 for one in range(x.dim())]
        factors = torch.from_numpy(weights).to(x.device, x.dtype)
        terms = (x.index_select(dim, places[:, k]) * factors[:, k].reshape(shape) for k in range(index.shape[1]))
        found = sum(terms, torch.zeros((), dtype=x.dtype, device=x.device))
    return found


def resize(node: Node) -> Compute:
    """Resize from opset 11: to sizes or by scales, of all axes or of those named."""
    manner = _manner(node)
    readers = [listed(node, index) for index in (1, 2, 3)]
    fitting = node.attribute("keep_aspect_ratio_policy", "stretch")

    def compute(x: Tensor, *given: Tensor | None) -> Tensor:
        padded = (*given, *(None,) * (3 - len(given)))
        regions, scales, sizes = (read(one) for read, one in zip(readers, padded, strict=True))
        named = [axis % x.dim() for axis in node.attribute("axes", list(range(x.dim())))]
        found = _axes([x.shape[axis] for axis in named], scales or None, sizes or None, regions or None, fitting)
        return _all_resized(x, dict(zip(named, found, strict=True)), manner)

    return compute


def _all_resized(x: Tensor, axes: Mapping[int, Axis], manner: Manner) -> Tensor:
    kept = x.dtype
    result = x if x.is_floating_point() or manner.mode == "nearest" else x.float()
    for dim, axis in axes.items():
        result = resized(result, dim, axis, manner)
    for dim, axis in axes.items():
        outside = manner.beyond(axis)
        if outside is not None and outside.any():
            shape = [-1 if one == dim else 1 for one in range(x.dim())]
            mask = torch.from_numpy(outside).to(x.device).reshape(shape)
            result = torch.where(mask, torch.tensor(manner.outside, dtype=result.dtype, device=x.device), result)
    return result.to(kept)


def _axes(
    given: Sequence[int],
    scales: Sequence[float] | None,
    sizes: Sequence[int] | None,
    regions: Sequence[float] | None,
    fitting: str,
) -> list[Axis]:
    """Each named axis; `regions` holds all starts and then all ends."""
    if sizes is not None:
        ratios = [float(np.float32(s) / np.float32(g)) for s, g in zip(sizes, given, strict=True)]
        if fitting != "stretch":
            one = min(ratios) if fitting == "not_larger" else max(ratios)
            ratios = [one] * len(ratios)
            sizes = [int(np.floor(g * one + 0.5)) for g in given]
        results = list(sizes)
    else:
        ratios = [float(scale) for scale in scales or ()]
        results = [int(np.floor(g * np.float32(scale))) for g, scale in zip(given, ratios, strict=True)]
    half = len(given)
    starts, ends = (regions[:half], regions[half:]) if regions and len(regions) == 2 * half else ([0.0], [1.0])
    starts, ends = (list(one) if len(one) == half else list(one) * half for one in (starts, ends))
    return [Axis(*one) for one in zip(given, results, ratios, starts, ends, strict=True)]


def _manner(node: Node) -> Manner:
    return Manner(
        mode=node.attribute("mode", "nearest"),
        places=node.attribute("coordinate_transformation_mode", "half_pixel"),
        rounding=node.attribute("nearest_mode", "round_prefer_floor"),
        cubic=node.attribute("cubic_coeff_a", -0.75),
        inside_only=bool(node.attribute("exclude_outside", 0)),
        smooth=bool(node.attribute("antialias", 0)),
        outside=node.attribute("extrapolation_value", 0.0),
    )


def upsample(node: Node) -> Compute:
    """Upsample, and Resize of opset 10: by scales, from the corner. The nearest is below, or above when it shrinks."""
    mode = "linear" if "linear" in node.attribute("mode", "nearest") else "nearest"
    read = listed(node, 1, "scales")

    def compute(x: Tensor, given: Tensor | None = None) -> Any:
        axes = _axes(x.shape, read(given), None, None, "stretch")
        for dim, axis in enumerate(axes):
            rounding = "ceil" if node.op_type == "Resize" and axis.scale < 1 else "floor"
            x = resized(x, dim, axis, Manner(mode, "asymmetric", rounding, -0.75, False, False, 0.0))
        return x

    return compute


ROWS = (
    Operator("Upsample", upsample, since=7),
    Operator("Resize", upsample, since=10),
    Operator("Resize", resize, since=11),
)
