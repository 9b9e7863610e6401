"""What a convolution multiplies its kernel with: the inputs that lie under it, at some places of the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod

import numpy as np
import onnx_ir as ir

from desktop_app.graph.model import Model


@dataclass(frozen=True)
class Window:
    """How a kernel moves.

    Attributes:
        kernel: Its spatial extents.
        strides: One for each spatial axis; likewise the next two.
        dilations: Distance of the taps.
        before: Padding before the first element.
        transposed: Whether it moves over the result instead of over the input (ConvTranspose).
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    transposed: bool = False

    def patches(self, data: np.ndarray, places: Sequence[np.ndarray]) -> np.ndarray:
        """The inputs (N, C, ...) that meet the kernel at some places of the result, (N * places, C, taps)."""
        samples, channels, *sizes = data.shape
        flat = data.reshape(samples, channels, -1)
        patches = np.empty((samples, len(places[0]), channels, prod(self.kernel)), data.dtype)
        for index, tap in enumerate(np.ndindex(*self.kernel)):
            source, inside = self._under(tap, places, sizes)
            patches[:, :, :, index] = (flat[:, :, source] * inside).transpose(0, 2, 1)
        return patches.reshape(samples * len(places[0]), channels, -1)

    def _under(
        self, tap: tuple[int, ...], places: Sequence[np.ndarray], sizes: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which element of the flattened input meets a tap at every place, and whether there is one."""
        at, inside = [], np.ones(len(places[0]), dtype=bool)
        for axis, size in enumerate(sizes):
            offset = tap[axis] * self.dilations[axis]
            if self.transposed:
                position, rest = np.divmod(places[axis] + self.before[axis] - offset, self.strides[axis])
                inside &= rest == 0
            else:
                position = places[axis] * self.strides[axis] + offset - self.before[axis]
            inside &= (position >= 0) & (position < size)
            at.append(position)
        return np.ravel_multi_index([np.where(inside, a, 0) for a in at], tuple(sizes)), inside


def window_of(model: Model, node: ir.Node, kernel: tuple[int, ...]) -> Window | None:
    """How a convolution moves; None for a ConvTranspose whose padding follows from a wanted shape.

    `auto_pad` is computed from the shapes as the operator's specification says.
    """
    rank, attributes = len(kernel), node.attributes
    strides = tuple(attributes.get_ints("strides", [1] * rank))
    dilations = tuple(attributes.get_ints("dilations", [1] * rank))
    before = tuple(attributes.get_ints("pads", [0] * 2 * rank)[:rank])
    mode = attributes.get_string("auto_pad", "NOTSET")
    if node.op_type == "ConvTranspose":
        plain = mode in ("NOTSET", "") and "output_shape" not in attributes
        return Window(kernel, strides, dilations, before, transposed=True) if plain else None
    if mode == "VALID":
        before = (0,) * rank
    elif mode not in ("NOTSET", ""):
        sizes = model.shapes[node.inputs[0].name or ""][2:] if node.inputs[0] is not None else ()
        needed = [
            max((ceil(size / stride) - 1) * stride + (width - 1) * dilation + 1 - size, 0)
            for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True)
        ]
        before = tuple(pad // 2 if mode == "SAME_UPPER" else pad - pad // 2 for pad in needed)
    return Window(kernel, strides, dilations, before)
