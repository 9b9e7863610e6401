"""A large kernel as several small ones, one after another: which sizes they have, and what they cost."""

from math import prod
from typing import NamedTuple

from msgspec import Struct

from desktop_app.core.layer import Layer

SMALL = 3
"""Extent of a small kernel: two of them see 5 places, three see 7 (Simonyan and Zisserman, 2014)."""

MOST_LINKS = 4
"""A chain of more would be slower than one kernel, and each adds to the error."""

BLOCK = 8
"""ONNX Runtime computes convolutions in blocks of so many channels; one that is not full costs as much."""


class Stack(Struct, frozen=True, gc=False):
    """The kernels in the place of one; together they see what it sees.

    Attributes:
        extents: Of each kernel, in the order of execution, along each spatial axis.
        strides: By which the first moves; the others move by 1.
        dilations: Distance of the taps, of all of them.
    """

    extents: tuple[tuple[int, ...], ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]

    @property
    def whole(self) -> tuple[int, ...]:
        """Extents of the kernel whose place they take."""
        return tuple(
            first + stride * (rest - 1)
            for first, stride, rest in zip(self.extents[0], self.strides, self.behind(0), strict=True)
        )

    def behind(self, link: int) -> tuple[int, ...]:
        """Extents that the kernels behind a link have together."""
        return tuple(1 + sum(one[axis] - 1 for one in self.extents[link + 1 :]) for axis in range(len(self.strides)))


class Size(NamedTuple):
    """What the cost of a stack depends on: channels, and the sizes of the result (empty where they are not known)."""

    output: int
    inputs: int
    spatial: tuple[int, ...] = ()


def stack_of(layer: Layer) -> Stack | str:
    """The kernels that take the place of a layer's, or the reason why there are none."""
    if layer.op_type != "Conv":
        return f"{layer.op_type} cannot be stacked, only Conv"
    if layer.convolution_groups > 1:
        return (
            f"a convolution in {layer.convolution_groups} groups would be no faster: small kernels of single channels"
            " wait for memory just as a large one does"
        )
    if len(layer.weight_shape) != 2 + len(layer.kernel) or 0 in layer.weight_shape:
        return "its weight is not that of a convolution"
    if max(layer.kernel) <= SMALL:
        return f"a kernel of {_said(layer.kernel)} is small already"
    strides, dilations = (given or (1,) * len(layer.kernel) for given in (layer.strides, layer.dilations))
    if len(strides) != len(layer.kernel) or len(dilations) != len(layer.kernel):
        return "how its kernel moves is not told"
    axes: list[list[int]] = []
    for extent, stride, dilation in zip(layer.kernel, strides, dilations, strict=True):
        parts = _parts(extent, stride, dilation)
        if isinstance(parts, str):
            return parts
        axes.append(parts)
    links = max(map(len, axes))
    if links > MOST_LINKS:
        return f"a kernel of {_said(layer.kernel)} would become {links} small ones one after another"
    extents = tuple(tuple(parts[link] if link < len(parts) else 1 for parts in axes) for link in range(links))
    return Stack(extents, strides, dilations)


def cost_of_stack(stack: Stack, width: int, size: Size) -> tuple[int, float]:
    """Weights of a stack with so many channels between its kernels, and its operations for one place of the result.

    The first kernel has all of the padding, so that borders come out exactly: what is between is larger than the
    result by what the kernels behind take away again.
    """
    params, operations = 0, 0.0
    for link, extents in enumerate(stack.extents):
        channels = size.inputs if link == 0 else width
        made = size.output if link == len(stack.extents) - 1 else width
        weights = channels * made * prod(extents)
        params += weights
        operations += weights * _spread(stack, link, size.spatial)
    return params, operations


def widest(stack: Stack, share: float, size: Size) -> int:
    """The most channels between with which a stack takes at most a share of the layer; 0 where one is too many.

    Of those that fill blocks, where there are any; never more than could say anything new.
    """
    whole = size.output * size.inputs * prod(stack.whole)
    low, high = 0, full_width(stack, size)
    while low < high:
        middle = (low + high + 1) // 2
        fits = max(cost_of_stack(stack, middle, size)) <= share * whole
        low, high = (middle, high) if fits else (low, middle - 1)
    return low if low < BLOCK else low // BLOCK * BLOCK


def full_width(stack: Stack, size: Size) -> int:
    """The channels between the first kernel and the others with which any kernel of the whole size can be made."""
    return min(size.inputs * prod(stack.extents[0]), size.output * prod(stack.behind(0)))


def _spread(stack: Stack, link: int, spatial: tuple[int, ...]) -> float:
    """Places at which a link computes, for one place of the result."""
    if not spatial:
        return 1.0
    behind = zip(spatial, stack.behind(link), stack.dilations, strict=True)
    return prod(out + dilation * (rest - 1) for out, rest, dilation in behind) / prod(spatial)


def _parts(extent: int, stride: int, dilation: int) -> list[int] | str:
    """Extents of small kernels along one axis, which see as much together as one of `extent`."""
    if extent <= SMALL:
        return [extent]
    if stride == 1:
        first = SMALL
    elif dilation > 1:
        return "its kernel has both strides and dilations"
    else:
        first = next((size for size in range(SMALL, stride - 1, -1) if (extent - size) % stride == 0), 0)
    if not first:
        return f"with a stride of {stride} no small kernels together see just what one of {extent} does"
    left = (extent - first) // stride
    return [first, *[SMALL] * (left // 2), *[SMALL - 1] * (left % 2)]


def _said(kernel: tuple[int, ...]) -> str:
    return " x ".join(map(str, kernel))
