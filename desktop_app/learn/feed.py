"""The batches of a training: endless, in a seeded order, the same from any step on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from desktop_app.learn.augment import Augment
from desktop_app.learn.objective import Labels
from desktop_app.stats.training import TrainingSamples


@dataclass(frozen=True)
class TrainingBatch:
    """Inputs by name, first axis the samples, and labels where there are any."""

    inputs: dict[str, Tensor]
    labels: Labels | None = None


@dataclass(frozen=True)
class Feed:
    """Gives batches of the samples that train.

    Attributes:
        samples: Where they come from.
        batch: How many make a batch.
        seed: Of their order and of what is changed in them.
        augment: What is changed; None for nothing.
        device: Where tensors go.
    """

    samples: TrainingSamples
    batch: int
    seed: int
    augment: Augment | None = None
    device: str = "cpu"

    def from_step(self, step: int) -> Iterator[tuple[TrainingBatch, ...]]:
        """The batches of all steps from that one on. Every round goes through all samples, in an order of its own.

        A batch comes in several parts where the model itself demands smaller ones.
        """
        taught = self.samples.taught
        size = min(self.batch, len(taught))
        per_round = max(len(taught) // size, 1)
        while True:
            order = np.random.default_rng((self.seed, step // per_round)).permutation(len(taught))
            for position in range(step % per_round, per_round):
                chosen = [taught[index] for index in order[position * size : (position + 1) * size]]
                yield tuple(self._read(chosen, size, np.random.default_rng((self.seed, 1, step))))
                step += 1

    def held_out(self, *, moved: bool = False) -> Iterator[TrainingBatch]:
        """The samples that judge, always the same: as they are, or images moved as those that train are."""
        augment = self.augment if moved and self.augment is not None and self.augment.layout else None
        rng = np.random.default_rng((self.seed, 3))
        for plain in self._batches(self.samples.held_out, self.batch):
            if augment is None:
                yield plain
            else:
                inputs, _ = replace(augment, mixup=0.0)(plain.inputs, None, rng)
                yield TrainingBatch(self._laid_out(inputs), plain.labels)

    def first(self, count: int) -> Iterator[TrainingBatch]:
        """The first samples that train, as they are."""
        yield from self._batches(self.samples.taught[:count], self.batch)

    def _read(self, chosen: Sequence[int], size: int, rng: np.random.Generator) -> Iterator[TrainingBatch]:
        for plain in self._batches(chosen, size):
            if self.augment is None:
                yield plain
            else:
                changed, labels = self.augment(plain.inputs, _classes(plain.labels), rng)
                yield TrainingBatch(self._laid_out(changed), labels)

    def _batches(self, chosen: Sequence[int], size: int) -> Iterator[TrainingBatch]:
        for found in self.samples.read(chosen, size):
            inputs = {
                name: torch.from_numpy(np.ascontiguousarray(one)).to(self.device) for name, one in found.inputs.items()
            }
            labels = None if found.labels is None else Labels(torch.from_numpy(found.labels).long().to(self.device))
            yield TrainingBatch(self._laid_out(inputs), labels)

    def _laid_out(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Images with their channels last in memory, where a model has them first: convolutions train faster so."""
        if self.samples.image_layout != "nchw":
            return inputs
        last = torch.channels_last
        return {name: x.contiguous(memory_format=last) if x.dim() == len("nchw") else x for name, x in inputs.items()}


def _classes(labels: Labels | None) -> Tensor | None:
    return None if labels is None else labels.first
