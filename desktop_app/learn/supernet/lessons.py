"""What the user's model teaches a net that takes and gives what it does: a whole supernet, or one net alone."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import torch
from msgspec.structs import replace
from torch import Tensor, nn

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.io.data.base import Samples
from desktop_app.learn.checkpoint import Checkpoint
from desktop_app.learn.feed import Feed
from desktop_app.learn.judging import Judge, Judgement
from desktop_app.learn.lesson import augment_of
from desktop_app.learn.objective import Objective
from desktop_app.learn.optimising import highest_rate
from desktop_app.learn.outputs import Target, targets_of
from desktop_app.learn.supernet.sandwich import Sandwich
from desktop_app.learn.supernet.student import ImageStudent, SupernetStudent, Within
from desktop_app.learn.supernet.teacher import teacher_of
from desktop_app.learn.training import Trained, Training
from desktop_app.stats.training import TrainingSamples
from desktop_app.zoo.ends import Ends
from desktop_app.zoo.supernet.elastic import Supernet, recalibrate
from desktop_app.zoo.supernet.plain import Searched
from desktop_app.zoo.supernet.space import Genes

CALIBRATING, JUDGING, AT_ONCE = 256, 512, 128
"""Samples that a net's statistics are taken from, those that judge it, and how many run at once."""

EXACT = RecoverMethod(precision="single")
"""Nets are judged by what the teacher really says."""


@dataclass(frozen=True)
class Lessons:
    """The teacher, the samples and the way of teaching.

    Attributes:
        original: The user's model.
        ends: What it takes and gives.
        samples: What is learned on.
        method: How; its `steps` are given with each lesson.
        seed: Of order, changes of the samples, and nets that are drawn.
        target: The output that is compared.
        device: Where students learn.
        outliving: States of trainings that are kept until all is done, see `forget`.
    """

    original: Model
    ends: Ends
    samples: TrainingSamples
    method: RecoverMethod
    seed: int
    target: Target
    device: str
    outliving: list[Checkpoint] = field(default_factory=list)

    @classmethod
    def of(cls, original: Model, ends: Ends, samples: TrainingSamples, method: RecoverMethod, seed: int) -> "Lessons":
        """The lessons. Raises NothingChangedError when there is nothing to learn, or to learn from."""
        targets = targets_of(original)
        if not targets:
            raise NothingChangedError(
                "No output of this model is of floating-point numbers: there is nothing to train by."
            )
        if len(samples.taught) < 1:
            raise NothingChangedError("There are too few samples to train on: give at least two more than calibrate.")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(original, ends, samples, method, seed, targets[0], device)

    def share(self, supernet: Supernet, within: Within, steps: int, token: Token) -> Trained:
        """Teaches all nets of a supernet, brought down by `within`; the largest ones would take most of the time.

        Its state is kept until it is forgotten: the next call for the same has it at once.

        Raises:
            Cancelled: when the token says so; the next call for the same goes on where this one was.
        """
        student = SupernetStudent(supernet.to(self.device), self.ends, self.target, within)
        space = supernet.space
        about = [space.blueprint.family.name, [*map(str, space.choices)]]
        return self._teach(Sandwich, student, steps, token, "supernet", about, outlives=True)

    def rehearse(self, module: nn.Module, steps: int, token: Token) -> Trained:
        """Teaches one net of several for a while; its state becomes the best one, and is kept as that of the supernet.

        Raises Cancelled, as above.
        """
        return self._alone(module, steps, token, "playoff", outlives=True)

    def finish(self, module: nn.Module, steps: int, token: Token) -> Trained:
        """Teaches one net; its state becomes the best one. Raises Cancelled, as above."""
        return self._alone(module, steps, token, "recover")

    def forget(self) -> None:
        """Removes what was kept of the supernet and of nets that were taught for a while."""
        while self.outliving:
            self.outliving.pop().remove()

    def _alone(self, module: nn.Module, steps: int, token: Token, stage: str, *, outlives: bool = False) -> Trained:
        student = ImageStudent(module.to(self.device), self.ends, self.target)
        trained = self._teach(Training, student, steps, token, stage, _digest(module), outlives=outlives)
        module.cpu()
        return trained

    def _teach(
        self,
        kind: type[Training],
        student: ImageStudent,
        steps: int,
        token: Token,
        stage: str,
        about: object,
        *,
        outlives: bool = False,
    ) -> Trained:
        method = replace(self.method, steps=steps)
        feed = Feed(self.samples, method.batch, self.seed, augment_of(method, self.samples), self.device)
        teacher = teacher_of(self.original, self.target, feed, method)
        told = [about, self.samples.key, method, self.seed, stage]
        key = hashlib.sha256(self.original.to_bytes() + msgspec.json.encode(told)).hexdigest()
        rate = highest_rate(method, normalised=True)
        checkpoint = Checkpoint.in_cache(key, outlives=outlives)
        if outlives:
            self.outliving.append(checkpoint)
        return kind(
            student, teacher, self._objective, feed, method, rate, token, stage=stage, checkpoint=checkpoint
        ).run()

    @property
    def _objective(self) -> Objective:
        told = self.method.label_weight if self.method.labels and self.samples.labelled else 0.0
        return Objective((self.target,), self.method.temperature, told)


class Examination:
    """Judges nets of a supernet, each with the statistics that are its own, always on the same samples.

    Args:
        lessons: Have the samples; those that are held out judge.
        supernet: Has learned.
    """

    def __init__(self, lessons: Lessons, supernet: Supernet) -> None:
        self._lessons, self._supernet = lessons, supernet
        samples, device = lessons.samples, lessons.device
        held_out = _kept(samples, samples.held_out[:JUDGING], device)
        teacher = teacher_of(lessons.original, lessons.target, held_out, EXACT)
        self._judge = Judge(teacher, lessons._objective, held_out, labels=lessons.method.labels)
        self._calibrating = list(_kept(samples, samples.taught[:CALIBRATING], device).held_out())

    def net(self, genes: Genes) -> Searched:
        """One of the nets, by itself, with its own statistics."""
        module = self._supernet.subnet(genes)
        recalibrate(module, self._images(module))
        return module

    def judge(self, genes: Genes) -> Judgement:
        """What the held-out samples say of one of the nets."""
        return self._judge.judge(self._student(self.net(genes)))

    def _images(self, module: nn.Module) -> Iterator[Tensor]:
        student = self._student(module)
        return (student.images(batch.inputs) for batch in self._calibrating)

    def _student(self, module: nn.Module) -> ImageStudent:
        return ImageStudent(module, self._lessons.ends, self._lessons.target)


def _kept(samples: TrainingSamples, indices: Sequence[int], device: str) -> Feed:
    """A feed whose held-out samples are kept in memory."""
    kept = list(samples.read(indices, AT_ONCE))

    def read(indices: Sequence[int], size: int) -> Iterator[Samples]:
        return iter(kept)

    return Feed(_Held(read, tuple(indices), samples.labelled), AT_ONCE, 0, None, device)


class _Held(TrainingSamples):
    """Samples all of which judge."""

    @property
    def held_out(self) -> tuple[int, ...]:
        """All of them."""
        return self.indices


def _digest(module: nn.Module) -> str:
    """Names the weights of a module."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
