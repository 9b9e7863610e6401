"""The training of a supernet: in every step the largest, the smallest and some nets between learn together.

Yu and Huang 2019 ("Universally slimmable networks", the sandwich rule and in-place distillation), Yu et al. 2020
("BigNAS"): the limits of what all nets can do are raised together, and the largest, once it knows, teaches the others.
"""

import numpy as np
import torch

from desktop_app.learn.feed import TrainingBatch
from desktop_app.learn.supernet.student import SupernetStudent, Within
from desktop_app.learn.training import Training
from desktop_app.zoo.supernet.space import Genes, Space

BETWEEN = 2
"""Nets drawn at random in a step."""

IN_PLACE = 0.5
"""How much the largest net counts as a teacher of the others, beside the user's model, at the end of the training. In
the beginning it knows nothing, and counts for nothing."""


class Sandwich(Training):
    """A `Training` whose student is a `SupernetStudent`; the net in its middle is judged."""

    _student: SupernetStudent

    def _learn_from(self, part: TrainingBatch, weight: float) -> float:
        """Adds the gradients of the nets of this step; gives their mean loss, weighted."""
        student, labels, objective = self._student, self._labels(part), self._objective
        wanted, middle, total = self._taught(part, labels), student.genes, 0.0
        rng = np.random.default_rng((self._feed.seed, 2, self._progress.step))
        chosen = nets_of(student.module.space, student.within, rng)
        share = IN_PLACE * self._share_done(self._progress.seconds)
        largest = dict[str, torch.Tensor]()
        for genes in chosen:
            student.genes = genes
            found = self._precision.learned(student, part.inputs, objective.students)
            loss = objective(found, wanted, labels)
            if largest:
                loss = (1.0 - share) * loss + share * objective(found, largest)
            else:
                largest = {target.value: found[target.students].detach() for target in objective.targets}
            loss = loss * (weight / len(chosen))
            torch.autograd.backward(loss)
            total += float(loss.detach())
        student.genes = middle
        return total


def nets_of(space: Space, within: Within, rng: np.random.Generator) -> tuple[Genes, ...]:
    """The nets that learn in a step: the largest first, for the others learn from it."""
    drawn = tuple(space.drawn(rng) for _ in range(BETWEEN))
    return tuple(dict.fromkeys((*(within(genes, rng) for genes in (space.largest, *drawn)), space.smallest)))
