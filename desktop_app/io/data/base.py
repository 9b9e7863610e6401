"""What every kind of data is to the rest of the program."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from desktop_app.core.data import Preprocess
from desktop_app.core.summary import TensorSpec

MAX_BROKEN_SHARE = 0.05
"""Of the files that are asked for: so many may be left out because they cannot be read."""


@dataclass(frozen=True)
class Samples:
    """A batch.

    Attributes:
        inputs: Input name to array; the first axis is the samples where the model has such an axis.
        labels: (samples,) class numbers; None without labels.
        outputs: Output name to the values that the user's file expects there; empty as a rule.
    """

    inputs: dict[str, np.ndarray]
    labels: np.ndarray | None = None
    outputs: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What a kind of data needs to know of the model: its inputs, shapes known for one sample, and the seed."""

    inputs: Sequence[TensorSpec]
    shapes: Mapping[str, tuple[int, ...]]
    seed: int
    calibration: int


class Decoding:
    """What decoding has shown so far: how fast it is, and which files are broken."""

    def __init__(self) -> None:
        self.images = 0
        self.seconds = 0.0
        self.broken: dict[str, str] = {}

    @property
    def images_per_second(self) -> float | None:
        """Images decoded in a second with all decoding threads; None before the first."""
        return self.images / self.seconds if self.seconds > 0 else None

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on the files that were left out, if any."""
        if not self.broken:
            return ()
        name = next(iter(self.broken))
        others = f" and {len(self.broken) - 1} more" if len(self.broken) > 1 else ""
        return (f"Left out because they cannot be read as images: {name}{others} ({self.broken[name]}).",)


class Source(Protocol):
    """Samples of one kind, numbered from 0."""

    @property
    def kind(self) -> str:
        """What the user sees: "class folders", "labelled images", "images", "arrays" or "synthetic"."""

    @property
    def samples(self) -> int:
        """How many samples there are."""

    @property
    def classes(self) -> int:
        """How many classes the labels tell apart; 0 without labels."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the files, a sentence each."""

    @property
    def decoding(self) -> Decoding:
        """How decoding went so far."""

    def batches(self, indices: Sequence[int], batch_size: int) -> Iterator[Samples]:
        """The samples of `indices` in that order; the last batch may be smaller."""

    def title(self, index: int) -> tuple[str, str]:
        """File and label of a sample, as text."""


@dataclass(frozen=True)
class Opened:
    """A source as its kind has opened it.

    Attributes:
        source: The samples.
        preprocess: How images become inputs; None where the data is no images.
        fixed_batch: The batch size that the model demands; None where any will do.
        most_calibration: More samples of this kind would teach a calibration nothing.
    """

    source: Source
    preprocess: Preprocess | None = None
    fixed_batch: int | None = None
    most_calibration: int = sys.maxsize


@dataclass(frozen=True)
class DataSet:
    """Samples, and which of them calibrate and which evaluate.

    Attributes:
        source: Where the samples come from.
        calibration_indices: Samples that calibrate; none of them evaluates.
        evaluation_indices: Samples that evaluate.
        preprocess: How images become inputs; None where the data is no images.
        guessed: Whether `preprocess` was guessed.
        fixed_batch: The batch size that the model demands; None where any will do.
        remarks: What was decided while opening, a sentence each.
        training_indices: Samples that train, those that calibrate among them; none of them evaluates.
    """

    source: Source
    calibration_indices: tuple[int, ...]
    evaluation_indices: tuple[int, ...]
    preprocess: Preprocess | None = None
    guessed: bool = False
    fixed_batch: int | None = None
    remarks: tuple[str, ...] = ()
    training_indices: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """What the user sees: "class folders", "labelled images", "images", "arrays" or "synthetic"."""
        return self.source.kind

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.source.samples

    @property
    def classes(self) -> int:
        """How many classes the labels tell apart; 0 without labels."""
        return self.source.classes

    @property
    def labelled(self) -> bool:
        """Whether the samples have labels, so that accuracy can be told."""
        return self.source.classes > 0

    @property
    def synthetic(self) -> bool:
        """Whether the samples are made up."""
        return self.source.kind == "synthetic"

    @property
    def decoding(self) -> Decoding:
        """How decoding went so far."""
        return self.source.decoding

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, a sentence each; grows when decoding meets broken files."""
        return (*self.remarks, *self.source.notes, *self.decoding.notes)

    def filling(self, samples: int) -> int:
        """So many samples, or as many more as it takes to fill batches of a fixed size, a few broken files allowed."""
        if self.fixed_batch is None or self.fixed_batch == 1:
            return samples
        whole = -(-samples // self.fixed_batch) * self.fixed_batch
        return whole + max(1, int(MAX_BROKEN_SHARE * whole))

    def batches(self, indices: Sequence[int], batch_size: int) -> Iterator[Samples]:
        """The samples of `indices`, in that order.

        A model of fixed batch size gets batches of that size, whatever `batch_size`; samples that fill none are left
        out.
        """
        for batch in self.source.batches(indices, self.fixed_batch or batch_size):
            if self.fixed_batch is None or _first_axis(batch) == self.fixed_batch:
                yield batch

    def title(self, index: int) -> tuple[str, str]:
        """File and label of a sample, as text."""
        return self.source.title(index)


def _first_axis(batch: Samples) -> int:
    return max((array.shape[0] for array in batch.inputs.values() if array.ndim), default=0)
