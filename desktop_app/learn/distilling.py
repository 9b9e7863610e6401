"""A compressed model taught by the original: the graphs become modules, are trained, and become a graph again."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from msgspec import structs

from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.learn.blockwise import Block, blocks_of
from desktop_app.learn.lesson import Lesson, freeze
from desktop_app.learn.module import GraphModule
from desktop_app.learn.norms import put_norms_back
from desktop_app.learn.objective import Objective
from desktop_app.learn.optimising import highest_rate
from desktop_app.learn.outputs import Target
from desktop_app.learn.training import Trained
from desktop_app.learn.write_back import write_back
from desktop_app.stats.training import TrainingSamples

MIN_NORMALISED = 16
"""Samples of a batch below which its mean and variance are too rough to normalise by."""

STAGE = "recover"


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
    lesson, method = Lesson.of(original, student, samples, recipe), recipe.methods.recover
    normalised = method.normalise and lesson.largest_batch >= MIN_NORMALISED
    graph = put_norms_back(student, lesson.first, locked, lesson.names) if normalised else student
    rate = highest_rate(method, normalised=normalised)
    if method.blocks:
        return _by_blocks(graph, lesson, locked, rate, token)
    module = GraphModule(graph, outputs=lesson.names)
    freeze(module, graph, locked)
    trained = lesson.teach(module, graph, method, rate, token, STAGE)
    return Distilled(write_back(module.cpu(), graph), trained, tuple(lesson.notes(trained, method)))


def _by_blocks(graph: Model, lesson: Lesson, locked: Collection[str], rate: float, token: Token) -> Distilled:
    """Trains one block after the other, the last one to give the outputs; each gets an equal part of the steps."""
    method = lesson.recipe.methods.recover
    ends = blocks_of(graph, lesson.original, lesson.names)
    part = structs.replace(method, steps=max(method.steps // len(ends), 1))
    given: tuple[str, ...] = ()
    for end in ends[:-1]:
        graph, _ = _one_block(graph, given, end, lesson, part, locked, rate, token)
        given = end
    graph, trained = _one_block(graph, given, (), lesson, part, locked, rate, token)
    notes = (*lesson.notes(trained, part), f"Trained block by block: {len(ends)} blocks, each as long.")
    changed = max(trained.best_step, int(len(ends) > 1))
    return Distilled(graph, replace(trained, best_step=changed), notes)


def _one_block(
    graph: Model,
    given: tuple[str, ...],
    end: tuple[str, ...],
    lesson: Lesson,
    method: RecoverMethod,
    locked: Collection[str],
    rate: float,
    token: Token,
) -> tuple[Model, Trained]:
    """The graph with the block between two values trained; up to the outputs where no end is given."""
    before = GraphModule(graph, outputs=given).to(lesson.device) if given else None
    block = Block(before, GraphModule(graph, inputs=given, outputs=end or lesson.names))
    freeze(block.block, graph, locked)
    objective = Objective(tuple(Target(name, name) for name in end)) if end else lesson.objective(method)
    told = method if not end else structs.replace(method, labels=False)
    trained = lesson.teach(block, graph, told, rate, token, STAGE, objective)
    return write_back(block.block.cpu(), graph), trained
