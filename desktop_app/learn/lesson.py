"""What the original can teach on some samples, and how a module learns it."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor, nn

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.extracting import needed
from desktop_app.graph.model import Model
from desktop_app.learn.augment import Augment
from desktop_app.learn.checkpoint import Checkpoint
from desktop_app.learn.feed import Feed
from desktop_app.learn.module import GraphModule
from desktop_app.learn.norms import SUFFIX
from desktop_app.learn.objective import Objective
from desktop_app.learn.operators.base import UntrainableError
from desktop_app.learn.outputs import Target, paired, targets_of
from desktop_app.learn.parts import trainable_part
from desktop_app.learn.planning import refusals
from desktop_app.learn.training import Trained, Training
from desktop_app.stats.training import TrainingSamples

FIRST = 256
"""Samples that are looked at before the training."""

PRUNED_SHARE = 0.01
"""A weight with more zeros than that was pruned, and stays so: training and folding leave next to none."""


def what_can_be_taught(original: Model, student: Model) -> tuple[tuple[Target, ...], str]:
    """What is compared, and why that are not the outputs, where a node in front of them cannot be trained through.

    Raises:
        UntrainableError: when nothing in front of such a node is the same value in both models.
    """
    reasons = refusals(student)
    if not reasons:
        return paired(targets_of(original), targets_of(student)), ""
    reason, part = next(iter(reasons.values())), trainable_part(student)
    inputs = {value.name for value in student.graph.inputs}
    names = part.outputs if part is not None and inputs.issuperset(part.inputs) else ()
    shapes = original.shapes
    shared = tuple(Target(n, n) for n in names if n in shapes and shapes[n] == student.shapes.get(n))
    if not shared:
        raise UntrainableError(f"{reason}, and nothing before it can be compared with the original")
    return shared, reason


@dataclass(frozen=True)
class Lesson:
    """What the original can teach on some samples.

    Attributes:
        original: The model as opened, cleaned.
        samples: What is trained on.
        recipe: What is asked for.
        targets: The outputs that are compared.
        device: Where it is computed.
        feed: The batches.
        first: The first samples, as they are.
        ends_before: Why the outputs themselves are not compared; empty where they are.
    """

    original: Model
    samples: TrainingSamples
    recipe: Recipe
    targets: tuple[Target, ...]
    device: str
    feed: Feed
    first: Sequence[Mapping[str, Tensor]]
    ends_before: str = ""

    @classmethod
    def of(cls, original: Model, student: Model, samples: TrainingSamples, recipe: Recipe) -> "Lesson":
        """The lesson for a student. Raises NothingChangedError when there is nothing to learn, or to learn from."""
        (targets, reason), method = what_can_be_taught(original, student), recipe.methods.recover
        if not targets:
            raise NothingChangedError(
                "No output of this model is of floating-point numbers: there is nothing to train by."
            )
        if not student.graph.inputs:
            raise NothingChangedError("This model has no inputs: there is nothing to learn from.")
        if len(samples.taught) < 1:
            raise NothingChangedError("There are too few samples to train on: give at least two more than calibrate.")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        feed = Feed(samples, method.batch, recipe.seed, augment_of(method, samples), device)
        first = [dict(batch.inputs) for batch in feed.first(FIRST)]
        return cls(original, samples, recipe, targets, device, feed, first, reason)

    @property
    def names(self) -> tuple[str, ...]:
        """What the student calls the values that are compared."""
        return tuple(target.students for target in self.targets)

    @property
    def largest_batch(self) -> int:
        """Samples that really come at once: a model may demand fewer than were asked for."""
        return max((one.shape[0] for batch in self.first for one in batch.values() if one.dim()), default=0)

    def objective(self, method: RecoverMethod, features: tuple[str, ...] = ()) -> Objective:
        """The outputs, compared as a method says."""
        told = method.label_weight if method.labels and self.samples.labelled else 0.0
        return Objective(self.targets, method.temperature, told, features, method.features)

    def teach(
        self,
        module: nn.Module,
        student: Model,
        method: RecoverMethod,
        rate: float,
        token: Token,
        stage: str,
        objective: Objective | None = None,
    ) -> Trained:
        """Trains a module that was made of the student; its state becomes the best one.

        Args:
            module: What is trained.
            student: What it was made of.
            method: How.
            rate: The highest learning rate.
            token: Hears of progress; says when to stop.
            stage: The name under which it is told.
            objective: What is compared; the outputs, and features where the method asks for them, if None.
        """
        if objective is None:
            objective = self.objective(method, self._features(module, student) if method.features else ())
        teacher = GraphModule(self.original, outputs=objective.values).to(self.device).eval()
        key = self._key(student, [stage, objective.values, method])
        return Training(
            module.to(self.device),
            teacher,
            objective,
            self.feed,
            method,
            rate,
            token,
            stage=stage,
            checkpoint=Checkpoint.in_cache(key),
            after_step=_keeping_zeros(module),
        ).run()

    def notes(self, trained: Trained, method: RecoverMethod) -> list[str]:
        """What is worth saying of a training, a sentence each."""
        end = [f"What lies before the nodes that cannot be trained through was trained: {self.ends_before}."]
        return _notes(trained, self.samples, method) + (end if self.ends_before else [])

    @torch.no_grad()
    def _features(self, module: nn.Module, student: Model) -> tuple[str, ...]:
        """The outputs of layers, by name, that both models compute in the same shape."""
        wanted = [target.value for target in self.targets]
        made = _made_on_the_way(student, self.names) & _made_on_the_way(self.original, wanted)
        layers = self.original.layers
        nodes = (self.original.node(name) for layer in layers for name in layer.nodes[-1:])
        names = [
            n.outputs[0].name or "" for n in nodes if n.outputs[0].name in made and not n.outputs[0].is_graph_output()
        ]
        few = {name: tensor[:2] if tensor.dim() else tensor for name, tensor in self.first[0].items()}
        teacher = GraphModule(self.original, outputs=wanted).to(self.device).eval()
        return _shared(module.eval()(few, also=names), teacher(few, also=names), names)

    def _key(self, student: Model, more: object) -> str:
        """Names all that a training depends on."""
        digest = hashlib.sha256()
        told = msgspec.json.encode([self.recipe, self.samples.key, more])
        for part in (student.to_bytes(), self.original.to_bytes(), told):
            digest.update(hashlib.sha256(part).digest())
        return digest.hexdigest()


def _shared(student: Mapping[str, Tensor], teacher: Mapping[str, Tensor], names: Collection[str]) -> tuple[str, ...]:
    """Those of the named values that both models compute in the same shape."""
    return tuple(n for n in names if n in student and n in teacher and student[n].shape == teacher[n].shape)


def _made_on_the_way(model: Model, names: Sequence[str]) -> set[str]:
    """The values that are computed for others."""
    inputs = [value.name or "" for value in model.graph.inputs]
    return {value.name or "" for node in needed(model, inputs, names) for value in node.outputs}


def freeze(module: GraphModule, graph: Model, locked: Collection[str]) -> None:
    """Takes the weights of locked layers out of the training."""
    parameters = dict(module.named_parameters())
    for node in graph.graph:
        if (node.name or "").removesuffix(SUFFIX) in locked:
            for value in node.inputs:
                if value is not None and value.name in parameters:
                    parameters[value.name].requires_grad_(False)


def augment_of(method: RecoverMethod, samples: TrainingSamples) -> Augment | None:
    """What a method does to the inputs; None for nothing."""
    if not method.augment and method.mixup == 0:
        return None
    return Augment(samples.image_layout, method.mixup, method.augment)


def _keeping_zeros(module: nn.Module) -> Callable[[], None]:
    """What brings the zeros of pruned weights back after a step."""
    masks = {
        name: parameter.detach() != 0
        for name, parameter in module.named_parameters()
        if parameter.dim() > 1 and float((parameter == 0).float().mean()) > PRUNED_SHARE
    }
    parameters = dict(module.named_parameters())

    @torch.no_grad()
    def keep() -> None:
        for name, mask in masks.items():
            parameters[name].mul_(mask)

    return keep


def _notes(trained: Trained, samples: TrainingSamples, method: RecoverMethod) -> list[str]:
    taught = "made-up inputs" if samples.synthetic else f"{len(samples.taught):,} samples"
    if not samples.synthetic:
        taught += " and their labels" if method.labels and samples.labelled else ", without labels"
    notes = [
        f"Trained {trained.steps:,} steps of {method.batch} on {taught}.",
        f"On {len(samples.held_out):,} held-out samples the {_gain(trained)}.",
    ]
    if trained.best_step < trained.steps:
        notes.append(f"The state of step {trained.best_step:,} was the best and is kept.")
    if trained.halves:
        notes.append("Matrices were multiplied in half precision (bfloat16), which this machine does faster.")
    if trained.resumed:
        notes.append(f"The training went on from step {trained.resumed:,}, where it had been stopped.")
    if trained.stopped:
        notes.append(f"The training ended early: {trained.stopped}.")
    if method.labels and not samples.labelled:
        notes.append("The data has no labels: the original alone taught.")
    if samples.synthetic:
        notes.append("Made-up inputs taught: what the model does on real ones was not seen. Give a folder of samples.")
    return notes


def _gain(trained: Trained) -> str:
    """What the training gave, as a clause."""
    before, best = trained.before, trained.best
    said = f"loss went from {before.loss:.4g} to {best.loss:.4g}"
    if before.agreement is not None and best.agreement is not None:
        said += f", the agreement with the original from {before.agreement:.1%} to {best.agreement:.1%}"
    return said
