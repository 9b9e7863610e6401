"""A compressed model taught by the original: the graphs become modules, are trained, and become a graph again."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor, nn

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe, RecoverMethod
from desktop_app.graph.model import Model
from desktop_app.learn.augment import Augment
from desktop_app.learn.checkpoint import Checkpoint
from desktop_app.learn.feed import Feed
from desktop_app.learn.module import GraphModule
from desktop_app.learn.norms import SUFFIX, put_norms_back
from desktop_app.learn.objective import Objective
from desktop_app.learn.optimising import GENTLE_RATE, USUAL_RATE
from desktop_app.learn.outputs import Target, targets_of
from desktop_app.learn.training import Trained, Training, shared_features
from desktop_app.learn.write_back import write_back
from desktop_app.stats.training import TrainingSamples

MIN_NORMALISED = 16
"""Samples of a batch below which its mean and variance are too rough to normalise by."""

NORM_SAMPLES = 256
"""Samples whose statistics the normalisation starts from."""

PRUNED_SHARE = 0.2
"""A weight with more zeros than that was pruned, and stays so."""


@dataclass(frozen=True)
class Distilled:
    """The trained model, with the normalisation that was put back still in it, and what is worth saying."""

    model: Model
    trained: Trained
    notes: tuple[str, ...]


def distil(
    student: Model, original: Model, samples: TrainingSamples, recipe: Recipe, locked: Collection[str], token: Token
) -> Distilled:
    """Trains a model to give the original's outputs.

    Args:
        student: The compressed model.
        original: What it is to come near to.
        samples: What is trained on.
        recipe: Its `methods.recover` and `seed` say how.
        locked: Layers that stay as they are.
        token: Hears of progress; says when to stop.

    Raises:
        UntrainableError: when a node of either model has no differentiable counterpart.
        NothingChangedError: when there are no outputs of numbers, or too few samples.
        Cancelled: when the token says so.
    """
    lesson = Lesson.of(original, samples, recipe)
    method, first = recipe.methods.recover, lesson.first
    normalised = method.normalise and _largest(first) >= MIN_NORMALISED
    graph = put_norms_back(student, first, locked) if normalised else student
    module = GraphModule(graph, outputs=lesson.names).to(lesson.device)
    freeze(module, graph, locked)
    rate = method.rate or (USUAL_RATE if normalised else GENTLE_RATE)[method.optimizer]
    trained = lesson.teach(module, student, method, rate, token, "recover")
    return Distilled(write_back(module.cpu(), graph), trained, tuple(lesson.notes(trained, method)))


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
        teacher: The original as a module.
        first: The first samples.
    """

    original: Model
    samples: TrainingSamples
    recipe: Recipe
    targets: tuple[Target, ...]
    device: str
    feed: Feed
    teacher: GraphModule
    first: Sequence[Mapping[str, Tensor]]

    @classmethod
    def of(cls, original: Model, samples: TrainingSamples, recipe: Recipe) -> "Lesson":
        """Raises NothingChangedError when there is nothing to learn or to learn from, see `distil`."""
        targets, method = targets_of(original), recipe.methods.recover
        if not targets:
            raise NothingChangedError(
                "No output of this model is of floating-point numbers: there is nothing to train by."
            )
        if len(samples.taught) < 1:
            raise NothingChangedError("There are too few samples to train on: give at least two more than calibrate.")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        feed = Feed(samples, method.batch, recipe.seed, _augment(method, samples), device)
        first = [dict(batch.inputs) for batch in feed.first(NORM_SAMPLES)]
        teacher = GraphModule(original, outputs=[target.value for target in targets]).to(device).eval()
        return cls(original, samples, recipe, tuple(targets), device, feed, teacher, first)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the outputs that are compared."""
        return tuple(target.value for target in self.targets)

    def teach(
        self, module: nn.Module, student: Model, method: RecoverMethod, rate: float, token: Token, stage: str
    ) -> Trained:
        """Trains a module that was made of the student; its state becomes the best one.

        Args:
            module: What is trained.
            student: What it was made of.
            method: How.
            rate: The highest learning rate.
            token: Hears of progress; says when to stop.
            stage: The name under which it is told.
        """
        objective = Objective(
            self.targets,
            method.temperature,
            method.label_weight if method.labels and self.samples.labelled else 0.0,
            _features(module, self.teacher, student, self.original, self.first[0]) if method.features else (),
            method.features,
        )
        return Training(
            module,
            self.teacher,
            objective,
            self.feed,
            method,
            rate,
            token,
            stage=stage,
            checkpoint=Checkpoint.in_cache(_key(student, self.original, self.samples, self.recipe)),
            after_step=_keeping_zeros(module),
        ).run()

    def notes(self, trained: Trained, method: RecoverMethod) -> list[str]:
        """What is worth saying of a training."""
        return _notes(trained, self.samples, method)


def _augment(method: RecoverMethod, samples: TrainingSamples) -> Augment | None:
    if not method.augment and method.mixup == 0:
        return None
    return Augment(samples.image_layout, method.mixup, method.augment)


def _largest(batches: Collection[Mapping[str, Tensor]]) -> int:
    return max((tensor.shape[0] for batch in batches for tensor in batch.values() if tensor.dim()), default=0)


def freeze(module: GraphModule, graph: Model, locked: Collection[str]) -> None:
    """Takes the weights of locked layers out of the training."""
    parameters = dict(module.named_parameters())
    for node in graph.graph:
        if (node.name or "").removesuffix(SUFFIX) in locked:
            for value in node.inputs:
                if value is not None and value.name in parameters:
                    parameters[value.name].requires_grad_(False)


@torch.no_grad()
def _features(
    student: nn.Module, teacher: GraphModule, small: Model, original: Model, inputs: Mapping[str, Tensor]
) -> tuple[str, ...]:
    """The outputs of layers, by name, that both models compute in the same shape."""
    made = {value.name or "" for node in small.graph for value in node.outputs}
    names = [
        node.outputs[0].name or ""
        for node in (original.node(name) for layer in original.layers for name in layer.nodes[-1:])
        if node.outputs[0].name in made and not node.outputs[0].is_graph_output()
    ]
    few = {name: tensor[:2] if tensor.dim() else tensor for name, tensor in inputs.items()}
    one, other = student.eval()(few, also=names), teacher(few, also=names)
    return shared_features(one, other, names)


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


def _key(student: Model, original: Model, samples: TrainingSamples, recipe: Recipe) -> str:
    """Names all that the training depends on."""
    digest = hashlib.sha256()
    for part in (student.to_bytes(), original.to_bytes(), samples.key.encode(), msgspec.json.encode(recipe)):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


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
