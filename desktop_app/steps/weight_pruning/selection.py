"""Which weights go, given how much each is worth."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from desktop_app.core.errors import InvalidRecipeError


class Selection(Protocol):
    """How many weights go, and among which they are chosen."""

    def mask(self, worth: np.ndarray, axis: int) -> np.ndarray:
        """Those that go, of the least worth; `axis` is the first of the weight's inputs."""

    def stages(self, steps: int) -> "Sequence[Selection]":
        """The way there in about so many steps, each of which takes all that the one before took and more."""


@dataclass(frozen=True)
class Count:
    """So many of all weights."""

    count: int

    def mask(self, worth: np.ndarray, axis: int) -> np.ndarray:
        """See `Selection`."""
        return smallest(worth, self.count)

    def stages(self, steps: int) -> "Sequence[Selection]":
        """Many at first, fewer and fewer later (Zhu and Gupta, To prune, or not to prune, 2017)."""
        shares = [1.0 - (1.0 - step / steps) ** 3 for step in range(1, steps + 1)]
        return [Count(round(self.count * share)) for share in shares]


@dataclass(frozen=True)
class EachOutput:
    """So many of the weights of every output, which lie on the axes from `start` up to `stop`."""

    count: int
    start: int
    stop: int

    def mask(self, worth: np.ndarray, axis: int) -> np.ndarray:
        """See `Selection`."""
        axes = tuple(range(self.start, self.stop))
        moved = np.moveaxis(worth, axes, tuple(range(-len(axes), 0)))
        outputs = moved.reshape(*moved.shape[: moved.ndim - len(axes)], -1)
        chosen = np.argsort(outputs, axis=-1, kind="stable")[..., : self.count]
        mask = np.zeros(outputs.shape, bool)
        np.put_along_axis(mask, chosen, True, axis=-1)
        return np.moveaxis(mask.reshape(moved.shape), tuple(range(-len(axes), 0)), axes)

    def stages(self, steps: int) -> "Sequence[Selection]":
        """All at once."""
        return [self]


@dataclass(frozen=True)
class Pattern:
    """All but `keep` of every `of` neighbouring inputs; what is left over stays."""

    keep: int
    of: int

    def mask(self, worth: np.ndarray, axis: int) -> np.ndarray:
        """See `Selection`."""
        return all_but(self.keep, self.of, worth, axis)

    def stages(self, steps: int) -> "Sequence[Selection]":
        """One of each group after the other; several at a time where the steps would not do."""
        gone = self.of - self.keep
        counts = sorted({round(gone * step / min(steps, gone)) for step in range(1, min(steps, gone) + 1)})
        return [Pattern(self.of - count, self.of) for count in counts]


def parse_pattern(unit: str) -> Pattern | None:
    """What "2:4" says: of every 4 neighbouring weights 2 stay; None for "weights"."""
    if unit == "weights":
        return None
    match = re.fullmatch(r"(\d{1,3}):(\d{1,3})", unit)
    if match is None or not 0 < int(match[1]) < int(match[2]):
        raise InvalidRecipeError(f'methods.prune.unit is {unit!r}: use "channels", "weights" or a pattern like "2:4".')
    return Pattern(int(match[1]), int(match[2]))


def smallest(worth: np.ndarray, count: int) -> np.ndarray:
    """A mask of exactly `count` of the smallest; of equal ones the first."""
    mask = np.zeros(worth.size, bool)
    mask[np.argsort(worth, axis=None, kind="stable")[:count]] = True
    return mask.reshape(worth.shape)


def all_but(keep: int, of: int, worth: np.ndarray, axis: int) -> np.ndarray:
    """A mask of all but the `keep` largest of every `of` neighbours along an axis; what is left over stays."""
    moved = np.moveaxis(worth, axis, -1)
    whole = moved.shape[-1] // of * of
    groups = moved[..., :whole].reshape(*moved.shape[:-1], -1, of)
    order = np.argsort(groups, axis=-1, kind="stable")
    mask = np.zeros(moved.shape, bool)
    chosen = np.zeros(groups.shape, bool)
    np.put_along_axis(chosen, order[..., : of - keep], True, axis=-1)
    mask[..., :whole] = chosen.reshape(*moved.shape[:-1], whole)
    return np.moveaxis(mask, -1, axis)
