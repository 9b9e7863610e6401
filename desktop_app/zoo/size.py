"""The size of a member of a family: what a user may choose freely."""

from math import ceil, isfinite
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from desktop_app.core.errors import StudioError
from desktop_app.zoo.families import Family

Value = TypeVar("Value")

LEAST_MAP = 3
"""Pixels on a side of the last feature map; with fewer there is nothing left to see."""

MAX_FACTOR, MAX_RESOLUTION, MAX_CLASSES, MAX_CHANNELS = 8.0, 2048, 100_000, 1024
"""Beyond these a typing error is likelier than a wish."""


class Size(Struct, frozen=True):
    """Width, depth and what goes in and out.

    Attributes:
        width: Factor on the numbers of channels, which are rounded to multiples of 8.
        depth: Factor on the numbers of blocks of each stage, rounded up.
        resolution: Height and width of the input, in pixels.
        classes: Number of outputs.
        channels: Channels of the input.
        reductions: How many of the strides of two, from the first on, are made one.
    """

    width: float
    depth: float
    resolution: tuple[int, int]
    classes: int
    channels: int = 3
    reductions: int = 0


class Wishes(Struct, frozen=True, omit_defaults=True):
    """What the user has chosen; the family's published values stand where nothing was. See `Size`."""

    width: float | UnsetType = UNSET
    depth: float | UnsetType = UNSET
    resolution: int | tuple[int, int] | UnsetType = UNSET
    classes: int | UnsetType = UNSET
    channels: int | UnsetType = UNSET


def size_of(family: Family, wishes: Wishes | None = None) -> Size:
    """The size of a member of a family.

    The published strides halve an input five times, which leaves one pixel of a 32 x 32 image. So the first of
    them are made one, until the last feature map has at least 3 pixels on a side: none from 96 pixels on, one at 64,
    two at 32. Weights keep their shapes.

    Raises:
        StudioError: when a value makes no sense.
    """
    wishes = wishes or Wishes()
    side: int | tuple[int, int] = family.resolution if wishes.resolution is UNSET else wishes.resolution
    size = Size(
        _factor("width", _or(wishes.width, family.width)),
        _factor("depth", _or(wishes.depth, family.depth)),
        (side, side) if isinstance(side, int) else side,
        _number("number of classes", _or(wishes.classes, family.classes), MAX_CLASSES),
        _number("number of channels", _or(wishes.channels, 3), MAX_CHANNELS),
    )
    for pixels in size.resolution:
        _number("resolution", pixels, MAX_RESOLUTION)
    return Size(
        size.width, size.depth, size.resolution, size.classes, size.channels, _reductions(family, min(size.resolution))
    )


def _reductions(family: Family, side: int) -> int:
    """How many strides go, so that enough is left of the smaller side of the input."""
    strides = family.stride.bit_length() - 1
    return next((gone for gone in range(strides) if ceil(side * 2**gone / family.stride) >= LEAST_MAP), strides)


def _or(wish: Value | UnsetType, published: Value) -> Value:
    return published if isinstance(wish, UnsetType) else wish


def _factor(what: str, value: float) -> float:
    if not (isfinite(value) and 0 < value <= MAX_FACTOR):
        raise StudioError(f"The {what} is a factor between 0 and {MAX_FACTOR:.0f}, not {value}.")
    return value


def _number(what: str, value: int, most: int) -> int:
    if not 1 <= value <= most:
        raise StudioError(f"The {what} lies between 1 and {most}, not at {value}.")
    return value
