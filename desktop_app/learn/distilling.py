"""A compressed model taught by the original: the graphs become modules, are trained, and become a graph again."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import msgspec
import torch
from msgspec.structs import replace as struct_replace
from torch import Tensor, nn

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe, RecoverMethod
from desktop_app.graph.model import Model
from desktop_app.learn.augment import Augment
from desktop_app.learn.blockwise import Block, blocks_of
from desktop_app.learn.checkpoint import Checkpoint
from desktop_app.learn.feed import Feed
from desktop_app.learn.module import GraphModule
from desktop_app.learn.norms import SUFFIX, put_norms_back
from desktop_app.learn.objective import Objective
from desktop_app.learn.optimising import GENTLE_RATE, USUAL_RATE
from desktop_app.learn.outputs import Target, paired, targets_of
from desktop_app.learn.training import Trained, Training, shared_features
from desktop_app.learn.write_back import write_back
from desktop_app.stats.training import TrainingSamples

MIN_NORMALISED = 16
"""Samples of a batch below which its mean and variance are too rough to normalise by."""

NORM_SAMPLES = 256
"""Samples whose statistics the normalisation starts from."""

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

PRUNED_SHARE = 0.2
"""A weight with more zeros than that was pruned, and stays so."""


@dataclass(frozen=True)
class Distilled:
    """The trained model, with the normalisation that was put back still in it, and what is worth saying."""

    model: Model
    trained: Trained
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """What every part of a training has in common.

    Attributes:
        original: What the student is to come near to.
        targets: The outputs that teach.
        samples: What is trained on.
        feed: Their batches.
        recipe: Says how.
        rate: The highest learning rate.
        locked: Layers that stay as they are.
        token: Hears of progress; says when to stop.
    """

    original: Model
    targets: tuple[Target, ...]
    samples: TrainingSamples
    feed: Feed
    recipe: Recipe
    rate: float
    locked: frozenset[str]
    token: Token


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
    method = recipe.methods.recover
    targets = paired(targets_of(original), targets_of(student))
    if not targets:
        raise NothingChangedError("No output of this model is of floating-point numbers: there is nothing to train by.")
    if len(samples.taught) < 1:
        raise NothingChangedError("There are too few samples to train on: give at least two more than calibrate.")
    feed = Feed(samples, method.batch, recipe.seed, _augment(method, samples), DEVICE)
    first = [dict(batch.inputs) for batch in feed.first(NORM_SAMPLES)]
    normalised = method.normalise and _largest(first) >= MIN_NORMALISED
    graph = put_norms_back(student, first, locked) if normalised else student
    rate = method.rate or (USUAL_RATE if normalised else GENTLE_RATE)[method.optimizer]
    lesson = Lesson(original, targets, samples, feed, recipe, rate, frozenset(locked), token)
    if method.blocks:
        return _by_blocks(graph, lesson)
    features = _features(graph, lesson, first[0]) if method.features else ()
    module = GraphModule(graph, outputs=[target.students for target in targets])
    trained = _train(module, module, graph, lesson, _objective(lesson, features), method)
    return Distilled(write_back(module.cpu(), graph), trained, tuple(notes_of(trained, samples, method)))


def _by_blocks(graph: Model, lesson: "Lesson") -> Distilled:
    """Trains one block after the other; the last one to give the outputs."""
    method, original = lesson.recipe.methods.recover, lesson.original
    ends = blocks_of(graph, original, [target.students for target in lesson.targets])
    share = struct_replace(method, steps=max(method.steps // len(ends), 1))
    given: tuple[str, ...] = ()
    for end in ends:
        last = end is ends[-1]
        before = GraphModule(graph, outputs=given).to(DEVICE) if given else None
        block = Block(before, GraphModule(graph, inputs=given, outputs=end))
        objective = _objective(lesson, ()) if last else Objective(tuple(Target(name, name) for name in end))
        trained = _train(
            block, block.block, graph, lesson, objective, share if last else struct_replace(share, labels=False)
        )
        graph, given = write_back(block.block.cpu(), graph), end
    notes = (*notes_of(trained, lesson.samples, share), f"Trained block by block, {len(ends)} in all, each as long.")
    return Distilled(graph, replace(trained, best_step=max(trained.best_step, 1)), notes)


def _train(
    student: nn.Module,
    weights: GraphModule,
    graph: Model,
    lesson: "Lesson",
    objective: Objective,
    method: RecoverMethod,
) -> Trained:
    """One training of `student`, whose weights lie in `weights`; the others of `graph` stay."""
    student.to(DEVICE)
    _freeze(weights, graph, lesson.locked)
    teacher = GraphModule(lesson.original, outputs=objective.values).to(DEVICE).eval()
    key = _key(graph, lesson, [objective.values, method])
    return Training(
        student,
        teacher,
        objective,
        lesson.feed,
        method,
        lesson.rate,
        lesson.token,
        checkpoint=Checkpoint.in_cache(key),
        after_step=_keeping_zeros(weights),
    ).run()


def _objective(lesson: "Lesson", features: tuple[str, ...]) -> Objective:
    method = lesson.recipe.methods.recover
    told = method.label_weight if method.labels and lesson.samples.labelled else 0.0
    return Objective(lesson.targets, method.temperature, told, features, method.features)


def _augment(method: RecoverMethod, samples: TrainingSamples) -> Augment | None:
    if not method.augment and method.mixup == 0:
        return None
    return Augment(samples.image_layout, method.mixup, method.augment)


def _largest(batches: Collection[Mapping[str, Tensor]]) -> int:
    return max((tensor.shape[0] for batch in batches for tensor in batch.values() if tensor.dim()), default=0)


def _freeze(module: GraphModule, graph: Model, locked: Collection[str]) -> None:
    """Takes the weights of locked layers out of the training."""
    parameters = dict(module.named_parameters())
    for node in graph.graph:
        if (node.name or "").removesuffix(SUFFIX) in locked:
            for value in node.inputs:
                if value is not None and value.name in parameters:
                    parameters[value.name].requires_grad_(False)


@torch.no_grad()
def _features(graph: Model, lesson: "Lesson", inputs: Mapping[str, Tensor]) -> tuple[str, ...]:
    """The outputs of layers, by name, that both models compute in the same shape."""
    original = lesson.original
    made = {value.name or "" for node in graph.graph for value in node.outputs}
    names = [
        node.outputs[0].name or ""
        for node in (original.node(name) for layer in original.layers for name in layer.nodes[-1:])
        if node.outputs[0].name in made and not node.outputs[0].is_graph_output()
    ]
    few = {name: tensor[:2] if tensor.dim() else tensor for name, tensor in inputs.items()}
    one, other = (GraphModule(model).eval()(few, also=names) for model in (graph, original))
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


def _key(graph: Model, lesson: "Lesson", more: object) -> str:
    """Names all that a training depends on."""
    digest = hashlib.sha256()
    told = msgspec.json.encode([lesson.recipe, lesson.samples.key, more])
    for part in (graph.to_bytes(), lesson.original.to_bytes(), told):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def notes_of(trained: Trained, samples: TrainingSamples, method: RecoverMethod) -> list[str]:
    """What is worth saying of a training, a sentence each."""
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
