"""Texts above marks in a picture, moved up where they would cover one another."""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 3.0


@dataclass(frozen=True)
class Text:
    """Where a text would stand, in pixels: its middle across, its foot counted upwards, and its width."""

    middle: float
    foot: float
    width: float


def feet(texts: Sequence[Text], height: float) -> tuple[float, ...]:
    """The foot of each text such that none covers another; the first keep their places, the others go up.

    Args:
        texts: Where they would stand.
        height: Of every text, in pixels.
    """
    placed: list[Text] = []
    for text in texts:
        foot = text.foot
        beside = [one for one in placed if abs(one.middle - text.middle) < (one.width + text.width) / 2 + GAP]
        for one in sorted(beside, key=lambda one: one.foot):
            if one.foot - height < foot < one.foot + height:
                foot = one.foot + height
        placed.append(Text(text.middle, foot, text.width))
    return tuple(one.foot for one in placed)
