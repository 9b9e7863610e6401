"""Layers as other operators: convolutions that become depthwise separable, or stacks of small kernels."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import Token
from desktop_app.core.rank import Factor
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Knob, LayerSettings
from desktop_app.core.structure import rewritten, unfit_for, unfit_for_all
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Choice, Step, StepResult, cost_of
from desktop_app.steps.channel_pruning.samples import kept_batches
from desktop_app.steps.factorisation.padding import unknown_padding
from desktop_app.steps.factorisation.plan import Samples, Stopwatch
from desktop_app.steps.factorisation.systems import System, system_of
from desktop_app.steps.factorisation.timing import MeasuredTimes
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.restructuring.building import build
from desktop_app.steps.restructuring.choosing import not_faster
from desktop_app.steps.targets import LayerWeight, asked, find_weight, unfit_values

MADE_UP = "The calibration samples are made up, so rewritten layers are fitted to the weights, not to their outputs."


class Restructure(Step):
    """Replaces a convolution by one of each channel by itself and a 1 x 1 convolution behind it, or by small kernels.

    They are the best that alternating least squares finds for the layer's outputs on the calibration samples, layer
    after layer on what it reads by then. What is lost is much, and is meant to be won back by training (`Recover`).
    """

    name = "restructure"
    title = "Restructure"
    knob = "structure"

    def __init__(self, stopwatch: Stopwatch | None = None) -> None:
        self._stopwatch = stopwatch

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether some layer is to become something else."""
        return bool(_asked(model, recipe))

    def asked_of(self, settings: LayerSettings) -> Mapping[Knob, object]:
        """The structure, and the rank of a stack: it is how many channels there are between."""
        if settings.structure == "stacked":
            return {"structure": settings.structure, "rank": settings.rank}
        return super().asked_of(settings)

    def refusals(self, model: Model) -> Mapping[str, str]:
        """What is no convolution with an extent, channels enough, and a constant 32-bit weight of its own."""
        reasons = {layer.name: unfit_for_all(layer) or _unfit_place(model, layer) for layer in model.layers}
        return {name: reason for name, reason in reasons.items() if reason}

    def choose(self, model: Model, recipe: Recipe, token: Token) -> Choice | None:
        """Lets those layers stay that this machine computes no faster rewritten, see ADR 0019."""
        if not recipe.methods.restructure.keep_faster:
            return None
        systems, factors, _ = _systems(model, recipe)
        stopwatch = self._stopwatch or MeasuredTimes(model.shapes, token)
        reasons = not_faster(systems, factors, stopwatch)
        settings = recipe.settings_of(model.layers)
        kept = {name: _as_it_is(settings[name]) for name in reasons}
        methods = replace(recipe.methods, restructure=replace(recipe.methods.restructure, keep_faster=False))
        outcomes = tuple(_left(self.name, model.layer(name), reason) for name, reason in reasons.items())
        written = {model.layer(name).origin or name: one for name, one in kept.items()}
        return Choice(replace(recipe, methods=methods).with_layers(written), outcomes)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Rewrites the layers that are asked for it; see `Step.apply`."""
        token.check()
        ledger = Ledger(self.name, self.title, model)
        systems, factors, reasons = _systems(model, recipe)
        batches = () if calibration.synthetic else kept_batches(calibration)
        built = build(model, systems, factors, recipe.methods.restructure, Samples(batches, recipe.seed, token))
        for name, reason in {**reasons, **built.failures}.items():
            ledger.refuse(model.layer(name), reason)
        for name, remark in built.remarks.items():
            ledger.change(model.layer(name), remark)
        return ledger.close(built.model, (MADE_UP,) if calibration.synthetic and systems else ())


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    return asked(model, recipe, lambda one: one.structure != "keep")


def _as_it_is(settings: LayerSettings) -> LayerSettings:
    """The settings of a layer that stays; the width of a stack would be a rank of it."""
    rank = None if settings.structure == "stacked" else settings.rank
    return replace(settings, structure="keep", rank=rank)


def _left(step: str, layer: Layer, reason: str) -> Outcome:
    cost = cost_of(layer)
    return Outcome(step, layer.origin or layer.name, False, reason, cost, cost)


def _systems(model: Model, recipe: Recipe) -> tuple[Sequence[System], dict[str, Factor], dict[str, str]]:
    """The layers that can be rewritten, what each becomes, and of the others the name and why not."""
    systems: list[System] = []
    factors: dict[str, Factor] = {}
    reasons: dict[str, str] = {}
    settings = recipe.settings_of(model.layers)
    for layer in _asked(model, recipe):
        own = settings[layer.name]
        factor = _refusal(model, layer, own) or rewritten(layer, own, recipe.methods.restructure)
        weight = find_weight(model, layer)
        if isinstance(factor, str) or isinstance(weight, str):
            reasons[layer.name] = str(factor)
        elif values := unfit_values(weight.tensor.numpy()):
            reasons[layer.name] = values
        else:
            systems.append(system_of(model, layer, weight))
            factors[layer.name] = factor
    return systems, factors, reasons


def _refusal(model: Model, layer: Layer, settings: LayerSettings) -> str:
    """Why the layer cannot be rewritten so; does not read the weight."""
    reason = layer.refusals.get("structure") or unfit_for(layer, settings.structure) or _unfit_place(model, layer)
    return reason or (unknown_padding(model, layer) if settings.structure == "stacked" else "")


def _unfit_place(model: Model, layer: Layer) -> str:
    """Why the layer cannot be replaced, whatever by."""
    weight = find_weight(model, layer)
    return weight if isinstance(weight, str) else _unfit_node(weight)


def _unfit_node(weight: LayerWeight) -> str:
    if weight.index != 1:
        return "its weight is not where a convolution has it"
    if weight.sharers:
        return f"it shares its weight with {weight.sharers[0]}"
    return ""
