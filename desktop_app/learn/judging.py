"""What held-out samples say of a student while it learns."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from desktop_app.core.errors import StudioError
from desktop_app.learn.feed import Feed, TrainingBatch
from desktop_app.learn.objective import Objective, Values

MAX_KEPT_BYTES = 64 * 2**20
"""What the teacher says of the held-out samples is kept up to this size, for it is asked twenty times and more."""


@dataclass(frozen=True)
class Judgement:
    """What held-out samples say: the loss, the share put into the original's class, and into the right one."""

    loss: float
    agreement: float | None = None
    accuracy: float | None = None

    def better(self, other: "Judgement", *, labels: bool) -> bool:
        """Whether more samples get the class that they should, by the labels or by the original; else by the loss.

        The loss alone weighs what decides nothing: after 80 steps of ResNet-20 at half its work it had not fallen,
        while 3 % more images got the original's class.
        """
        told = labels and self.accuracy is not None  # samples may have none
        one, two = ((it.accuracy if told else it.agreement) or 0.0 for it in (self, other))
        return self.loss < other.loss if one == two else one > two


class Judge:
    """Judges the states of a student, always on the same samples.

    Args:
        teacher: The original.
        objective: What is compared.
        feed: Has the samples.
        labels: Whether labels count.
    """

    def __init__(self, teacher: nn.Module, objective: Objective, feed: Feed, *, labels: bool) -> None:
        self._teacher, self._objective, self._feed, self._labels = teacher, objective, feed, labels
        self._kept: list[Values] = []
        self._keeps = True

    @torch.no_grad()
    def judge(self, student: nn.Module) -> Judgement:
        """The judgement. Raises StudioError when there is no sample to judge by."""
        student.eval()
        objective, scored = self._objective, self._objective.targets[0]
        loss = 0.0
        samples = agreed = right = told = 0
        for batch, wanted in self._batches():
            count = next(iter(batch.inputs.values())).shape[0]
            found = student(batch.inputs, also=objective.students)
            loss += count * float(objective(found, wanted, batch.labels if self._labels else None))
            samples += count
            if scored.classes:
                chosen = found[scored.students].argmax(1)
                agreed += int((chosen == wanted[scored.value].argmax(1)).sum())
                if batch.labels is not None:
                    right += int((chosen == batch.labels.first).sum())
                    told += count
        if not samples:
            raise StudioError("No sample is left to judge the training: give more data.")
        agreement = agreed / samples if scored.classes else None
        return Judgement(loss / samples, agreement, right / told if told else None)

    def _batches(self) -> Iterator[tuple[TrainingBatch, Values]]:
        """The held-out batches, and what the teacher says of each.

        Where the teacher alone tells what is right, images are moved: those that it learned itself it knows too well,
        and so does an untrained copy of it (see docs/adr/0062).
        """
        told = self._labels and self._feed.samples.labelled
        for number, batch in enumerate(self._feed.held_out(moved=not told)):
            if number < len(self._kept):
                yield batch, self._kept[number]
                continue
            wanted: dict[str, Tensor] = self._teacher(batch.inputs, also=self._objective.values)
            self._keeps = self._keeps and _bytes([*self._kept, wanted]) <= MAX_KEPT_BYTES
            if self._keeps:
                self._kept.append(wanted)
            yield batch, wanted


def _bytes(values: list[Values]) -> int:
    return sum(tensor.nbytes for one in values for tensor in one.values())
