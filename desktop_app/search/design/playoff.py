"""Which of some nets learns best: all are taught for a while, the better half a while longer, until one is left.

Successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943). What a net does with weights that it shares with all
others tells only roughly what it will do with its own.
"""

from collections.abc import Sequence
from typing import Protocol

from desktop_app.zoo.supernet.plain import Searched

ROUND = 0.125
"""Of the steps that the one is taught in the end: so many in each round."""


class Rehearse(Protocol):
    """Teaches a net for so many steps; gives the loss that held-out samples see then."""

    def __call__(self, net: Searched, steps: int, number: int, lessons: int, /) -> float:
        """The lesson is one of `lessons`, `number` from 0."""


def play_off(nets: Sequence[Searched], steps: int, rehearse: Rehearse) -> int:
    """The place of the net that is left; each net has learned what it was taught.

    Args:
        nets: What is compared, the most promising first.
        steps: That the one is taught afterwards.
        rehearse: Teaches one for a while.
    """
    left, each = list(range(len(nets))), max(round(ROUND * steps), 1)
    lessons = lessons_of(len(nets))
    numbers = iter(range(lessons))
    while len(left) > 1 and steps:
        losses = {place: rehearse(nets[place], each, next(numbers), lessons) for place in left}
        left = sorted(left, key=lambda place: losses[place])[: len(left) // 2]
    return left[0]


def lessons_of(nets: int) -> int:
    """How often a net is taught until one of so many is left."""
    return 0 if nets < 2 else nets + lessons_of(nets // 2)
