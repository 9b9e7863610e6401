"""Integers that a graph computes from the sizes of axes with labels, and what arithmetic makes of them."""

from fractions import Fraction
from math import floor
from typing import NamedTuple

import numpy as np


class Part(NamedTuple):
    """So many times the number of labels that stay."""

    times: Fraction
    labels: np.ndarray


class Place(NamedTuple):
    """An element of a constant that one node reads."""

    node: str
    input: int
    constant: str
    element: int


class Number(NamedTuple):
    """An element of a tensor that holds a shape.

    Attributes:
        value: The element, where it is known.
        parts: The sizes of axes with labels that it is the sum of; empty where it does not depend on any.
        rest: What is added to them; None where that is not fixed, as it is not for the size of another axis.
        constant: Name and position of the constant it comes from, if changing that changes nothing else.
        divisor: Where the size of an axis was divided by a constant to give it.
    """

    value: int | None
    parts: tuple[Part, ...] = ()
    rest: Fraction | None = None
    constant: tuple[str, int] | None = None
    divisor: Place | None = None

    @property
    def labels(self) -> np.ndarray | None:
        """The labels of the axis whose size it is; None where it is no such size, or a sum or part of some."""
        whole = len(self.parts) == 1 and self.parts[0].times == 1 and self.rest == 0
        return self.parts[0].labels if whole else None


def plus(left: Number, right: Number) -> Number | None:
    """The sum; None where it cannot be followed, as below."""
    rest = None if left.rest is None or right.rest is None else left.rest + right.rest
    value = None if left.value is None or right.value is None else left.value + right.value
    return _told(value, (*left.parts, *right.parts), rest)


def minus(left: Number, right: Number) -> Number | None:
    """The difference."""
    found = plus(left, times(right, Fraction(-1)))
    return Number(None) if found is not None and found.rest is None else found  # it may be no size


def product(left: Number, right: Number) -> Number | None:
    """The product, of which at most one factor may change."""
    if not left.parts:
        left, right = right, left
    if not right.parts and right.rest is not None:
        return times(left, right.rest)
    if left.parts and not right.parts and right.value is not None:
        # Whatever else the other size may be: where the product is the size of an axis with labels, it is always this.
        return times(left, Fraction(right.value))
    value = None if left.value is None or right.value is None else left.value * right.value
    return _told(value, (*left.parts, *right.parts), None)


def quotient(left: Number, right: Number) -> Number | None:
    """Division of integers rounds down; the parts of a sum are divisible one by one, see `Check`."""
    if right.parts or not right.rest or right.rest < 0 or left.value is None or left.value < 0:
        return None if left.parts or right.parts else Number(None)
    parts = tuple(Part(part.times / right.rest, part.labels) for part in left.parts)
    rest = None if left.rest is None else Fraction(floor(left.rest / right.rest))
    return _told(left.value // int(right.rest), parts, rest)


def times(number: Number, factor: Fraction) -> Number:
    """A multiple."""
    parts = tuple(Part(part.times * factor, part.labels) for part in number.parts)
    value = None if number.value is None else int(number.value * factor)
    return Number(value, parts, None if number.rest is None else number.rest * factor)


def _told(value: int | None, parts: tuple[Part, ...], rest: Fraction | None) -> Number | None:
    """The number; None for a sum of a size that is followed and of one that is not."""
    return None if parts and rest is None else Number(value, parts, rest)


def equal(left: Number, right: Number) -> Number | None:
    """Sizes are at least 1, which is all that the exporters of Expand ask of them."""
    for size, other in ((left, right), (right, left)):
        is_size = bool(size.parts) or ((size.rest is None or size.constant is not None) and (size.value or 0) > 0)
        if is_size and other.rest is not None and not other.parts and other.rest < 1:
            return Number(0, rest=Fraction(0))
    if any(number.parts or (number.constant and (number.value or 0) > 0) for number in (left, right)):
        return None
    fixed = left.rest is not None and right.rest is not None
    return Number(int(left.rest == right.rest), rest=Fraction(left.rest == right.rest)) if fixed else Number(None)
