"""A model in 8-bit integers taught by the original, with the rounding in the forward pass."""

from collections.abc import Collection, Mapping

import numpy as np
from msgspec.structs import replace

from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import LATENT_KEY, Model
from desktop_app.learn.distilling import Distilled
from desktop_app.learn.lesson import Lesson, freeze
from desktop_app.learn.quantised import QuantisedModule
from desktop_app.learn.quantised_layers import QuantisedLayer
from desktop_app.stats.training import TrainingSamples

RATE: Mapping[str, float] = {"adamw": 2e-4, "sgd": 2e-3}
"""Learning rates: a quantised model is near to what it shall become, and higher ones first lead away from it."""

STAGE = "recover_quantised"


def distil_quantised(
    student: Model,
    layers: Mapping[str, QuantisedLayer],
    original: Model,
    samples: TrainingSamples,
    recipe: Recipe,
    locked: Collection[str],
    token: Token,
    *,
    pair_limit: int,
) -> Distilled:
    """Trains a quantised model to give the original's outputs.

    Args:
        student: The quantised model.
        layers: The layers whose integers are trained, by name.
        original: What it is to come near to.
        samples: What is trained on.
        recipe: Its `methods.recover` and `seed` say how.
        locked: Layers that stay as they are.
        token: Hears of progress; says when to stop.
        pair_limit: What two neighbouring weights of one sign may add up to, in layers that have pairs.

    Raises:
        UntrainableError: when a node of either model has no differentiable counterpart.
        NothingChangedError: when there are no outputs of numbers, or too few samples.
        Cancelled: when the token says so.
    """
    lesson = Lesson.of(original, student, samples, recipe)
    asked = recipe.methods.recover
    rate = asked.rate or RATE[asked.optimizer]
    method = replace(asked, steps=asked.quantised_steps, rate=rate, normalise=False)
    module = QuantisedModule(student, layers, _latent(student), pair_limit=pair_limit).to(lesson.device)
    freeze(module.graph, student, locked)
    trained = lesson.teach(module, student, method, rate, token, STAGE)
    return Distilled(module.cpu().written_back(), trained, tuple(lesson.notes(trained, method)))


def _latent(model: Model) -> dict[str, np.ndarray]:
    """The floats that integers were rounded from, where the quantisation left them."""
    values = model.graph.initializers.values()
    return {value.name or "": value.meta[LATENT_KEY] for value in values if LATENT_KEY in value.meta}
