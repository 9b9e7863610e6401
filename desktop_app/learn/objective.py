"""What a student is to get near to: the original's scores, its numbers, its inner values, and labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.outputs import Target

Values = Mapping[str, Tensor]


@dataclass(frozen=True)
class Labels:
    """Classes of the samples of a batch; where samples were mixed, those of the partner and the share of the first."""

    first: Tensor
    second: Tensor | None = None
    share: float = 1.0


@dataclass(frozen=True)
class Objective:
    """The loss of a batch.

    Attributes:
        targets: The outputs that are compared.
        temperature: What scores are divided by.
        label_weight: Share of the loss that labels have, where they are given.
        features: Values that both models compute in the same shape.
        feature_weight: How much these count beside the outputs.
    """

    targets: tuple[Target, ...]
    temperature: float = 4.0
    label_weight: float = 0.0
    features: tuple[str, ...] = ()
    feature_weight: float = 0.0

    @property
    def values(self) -> tuple[str, ...]:
        """All values that the original must give."""
        return tuple(dict.fromkeys((*(target.value for target in self.targets), *self.features)))

    @property
    def students(self) -> tuple[str, ...]:
        """All values that the student must give."""
        return tuple(dict.fromkeys((*(target.students for target in self.targets), *self.features)))

    def asks_teacher(self, labels: Labels | None) -> bool:
        """Whether the original has a say in the loss of a batch: labels may count for all of it."""
        told = labels is not None and self.label_weight >= 1.0 and self.targets[0].classes > 0
        return not told or bool(self.features and self.feature_weight > 0)

    def __call__(self, student: Values, teacher: Values, labels: Labels | None = None) -> Tensor:
        """The loss, a scalar: what labels say counts for `label_weight`, the original for the rest."""
        if labels is not None and not self.asks_teacher(labels):
            return cross_entropy(student[self.targets[0].students], labels)
        taught = _mean([self._distance(target, student, teacher) for target in self.targets])
        if labels is not None and self.label_weight > 0 and self.targets[0].classes:
            told = cross_entropy(student[self.targets[0].students], labels)
            taught = (1.0 - self.label_weight) * taught + self.label_weight * told
        if self.features and self.feature_weight > 0:
            inner = _mean([relative_error(student[name], teacher[name]) for name in self.features])
            taught = taught + self.feature_weight * inner
        return taught

    def _distance(self, target: Target, student: Values, teacher: Values) -> Tensor:
        one, other = student[target.students], teacher[target.value]
        return soft_targets(one, other, self.temperature) if target.classes else relative_error(one, other)


def soft_targets(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Kullback-Leibler divergence of softened scores (samples, classes), times the squared temperature.

    The factor keeps the size of the gradient the same at every temperature (Hinton, Vinyals and Dean 2015).
    """
    one = F.log_softmax(student.float() / temperature, dim=1)
    other = F.log_softmax(teacher.float() / temperature, dim=1)
    return F.kl_div(one, other, reduction="batchmean", log_target=True) * temperature**2


def relative_error(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean squared error by the mean square of what it should be: the inverse of the signal to noise ratio."""
    known = torch.isfinite(teacher)
    wanted = torch.where(known, teacher, 0.0)
    error = torch.where(known, student - wanted, 0.0).square().mean()
    return error / wanted.square().mean().clamp(min=1e-12)


def cross_entropy(scores: Tensor, labels: Labels) -> Tensor:
    """Cross entropy with labels, or with both labels of mixed samples."""
    first = F.cross_entropy(scores.float(), labels.first)
    if labels.second is None:
        return first
    return labels.share * first + (1.0 - labels.share) * F.cross_entropy(scores.float(), labels.second)


def _mean(terms: Sequence[Tensor]) -> Tensor:
    return torch.stack(tuple(terms)).mean()
