"""The family's own nets: scaled in width alone, or in width, depth and resolution together by one parameter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from desktop_app.core.architecture import Architecture
from desktop_app.zoo.size import MAX_FACTOR, Size, Wishes, size_of
from desktop_app.zoo.supernet.blueprint import Blueprint, member

WIDTHS = np.round(np.concatenate([np.arange(0.05, 1.0, 0.05), np.arange(1.0, 2.05, 0.1)]), 2)

COMPOUND = (1.1, 1.2, 1.15)
"""Factors on width, depth and resolution for each step of the parameter, which about doubles the operations (Tan and Le
2019, arXiv:1905.11946: found on EfficientNet-B0)."""

STEPS = np.arange(-20.0, 8.5, 0.5)

EIGHTHS = range(3, 9)
"""An input is reduced to so many eighths of its sides, where these are whole pixels."""


@dataclass(frozen=True)
class Scaled:
    """A net of the family, and the value of the parameter that makes it."""

    parameter: float
    architecture: Architecture


def by_width(blueprint: Blueprint, size: Size) -> Iterator[Scaled]:
    """From narrow to wide; depth and resolution as they are."""
    for width in WIDTHS:
        yield Scaled(float(width), member(blueprint, replace(size, width=float(width))))


def compound(blueprint: Blueprint, size: Size) -> Iterator[Scaled]:
    """From small to large; the resolution never beyond that of the input, which has no more to tell."""
    family = blueprint.family
    for step in STEPS:
        wide, deep, fine = (factor ** float(step) for factor in COMPOUND)
        width, depth = family.width * wide, family.depth * deep
        if max(width, depth) > MAX_FACTOR:
            return
        inner = _nearest(size.resolution, fine)
        wishes = Wishes(width, depth, inner, size.classes, size.channels)
        yield Scaled(float(step), member(blueprint, size_of(family, wishes)))


def within(nets: Iterator[Scaled], latency: Callable[[Architecture], float], limit: float) -> Scaled:
    """The last of ascending nets that takes no more than a limit; the first where none does."""
    best = next(nets)
    for one in nets:
        taken = latency(one.architecture)
        if taken <= limit:
            best = one
        elif taken > 2.0 * limit:
            break
    return best


def _nearest(resolution: tuple[int, int], share: float) -> tuple[int, int]:
    """The sides of whole pixels nearest to a share of those of the input."""
    sides = [
        tuple(side * eighths // 8 for side in resolution)
        for eighths in EIGHTHS
        if all(side * eighths % 8 == 0 for side in resolution)
    ] or [resolution]
    height, width = min(sides, key=lambda one: abs(one[0] - share * resolution[0]))
    return height, width
