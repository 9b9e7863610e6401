"""The samples that a step may train on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from desktop_app.io.data.base import Samples

MIN_HELD_OUT, MAX_HELD_OUT, HELD_OUT_SHARE = 16, 1024, 0.1
"""Of the training samples so many only judge: they choose the best state, and say when to stop."""


@dataclass(frozen=True)
class TrainingSamples:
    """Samples that train, by number.

    Attributes:
        read: Gives the samples of numbers in that order, in batches of a size; the last may be smaller.
        indices: Which samples there are, in an order without meaning.
        labelled: Whether they have labels.
        image_layout: "nchw" or "nhwc" where the inputs are images, else empty.
        synthetic: Whether they are made up.
        key: Names them.
    """

    read: Callable[[Sequence[int], int], Iterator[Samples]]
    indices: tuple[int, ...]
    labelled: bool = False
    image_layout: str = ""
    synthetic: bool = False
    key: str = ""

    @property
    def held_out(self) -> tuple[int, ...]:
        """The samples that judge and do not train: a tenth, at least a few."""
        count = min(max(int(HELD_OUT_SHARE * len(self.indices)), MIN_HELD_OUT), MAX_HELD_OUT, len(self.indices) // 2)
        return self.indices[-count:] if count else ()

    @property
    def taught(self) -> tuple[int, ...]:
        """The samples that train."""
        return self.indices[: len(self.indices) - len(self.held_out)]
