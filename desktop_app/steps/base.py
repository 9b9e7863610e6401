"""What every step is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost, Outcome
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Knob, LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.requests import StatisticRequest

Kept = tuple[np.ndarray | None, ...]
"""For every axis of a value a mask of the positions that stayed; None where all did."""


@dataclass(frozen=True)
class StepResult:
    """A new model, what became of every layer that the step was asked to change, and what else is worth saying.

    `recipe` is given where the step chose by what it measured: the same with these choices written out, which replays.
    `kept` names the outputs of layers of which positions were cut out, and says which stayed.
    """

    model: Model
    outcomes: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()
    recipe: Recipe | None = None
    kept: Mapping[str, Kept] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """What a step chose on this machine before any data is looked at.

    `recipe` has it written out and replays; `outcomes` are of the layers that the step will leave alone for it.
    """

    recipe: Recipe
    outcomes: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()


class Step(ABC):
    """One technique applied to the whole model under a recipe. Holds no state."""

    name: ClassVar[str]
    title: ClassVar[str]
    knob: ClassVar[Knob | None] = None
    method: ClassVar[str | None] = None
    """The part of `Recipe.methods` that says how, for a step without a knob."""
    preserves_outputs: ClassVar[bool] = False

    @abstractmethod
    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether the recipe asks this step for anything on this model."""

    def asked_of(self, settings: LayerSettings) -> Mapping[Knob, object]:
        """The knobs of one layer on which the result depends, and how they are turned."""
        return {} if self.knob is None else {self.knob: getattr(settings, self.knob)}

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layer name to the reason why this step cannot change that layer, whatever the recipe; for the step's knob."""
        return {}

    def needs(self, model: Model, recipe: Recipe) -> Sequence[StatisticRequest]:
        """What the step must know of the data; all steps that can share a pass over the data get it in one."""
        return ()

    def choose(self, model: Model, recipe: Recipe, token: Token) -> Choice | None:
        """What the step leaves to be measured on this machine; None where there is nothing to choose.

        Raises:
            Cancelled: when the token says so.
        """
        return None

    @abstractmethod
    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """A new model with the technique applied; `model` stays as it is.

        Every layer that the recipe asks this step to change has an `Outcome`, with the reason where it was left alone.

        Raises:
            Cancelled: when the token says so.
            NothingChangedError: when the recipe asks for changes and no layer could be changed.
        """


def cost_of(layer: Layer) -> Cost:
    """The cost of a layer, for its outcome."""
    return Cost(layer.bytes, layer.params, layer.macs)


def summed_cost(model: Model, origin: str) -> Cost:
    """The cost of all layers of `model` that come from the layer `origin` of the opened model."""
    return sum((cost_of(layer) for layer in model.layers if layer.origin == origin), Cost())
