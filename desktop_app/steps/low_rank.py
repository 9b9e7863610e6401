"""Layers as chains of smaller ones: truncated factorisations of their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from desktop_app.core.layer import Layer
from desktop_app.core.methods import LowRankMethod
from desktop_app.core.progress import Token
from desktop_app.core.rank import unfit
from desktop_app.core.rank_choice import written
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.channel_pruning.samples import kept_batches
from desktop_app.steps.factorisation.building import Builder, Built
from desktop_app.steps.factorisation.plan import Plan, Planner, Samples, Stopwatch, slower
from desktop_app.steps.factorisation.reaching import reach
from desktop_app.steps.factorisation.systems import System, system_of
from desktop_app.steps.factorisation.timing import MeasuredTimes
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import LayerWeight, asked, find_weight, unfit_values

FIRST_WITH_OPTIONAL_BIAS = 11
"""Version of the standard operators from which Gemm need not have a third input."""

MADE_UP = "The calibration samples are made up, so the error of a rank is not weighed by them."


class LowRank(Step):
    """Replaces a layer by two or three with fewer weights.

    Gemm, MatMul and 1 x 1 convolutions by truncated singular value decomposition; other convolutions by channels (Zhang
    et al., 2015), by height and width (Jaderberg et al., 2014), by Tucker-2 (Kim et al., 2016) or as a sum of separable
    kernels (Lebedev et al., 2015). What is minimised is the error of the layer's outputs on the calibration samples;
    layer after layer is fitted on what it reads by then, so that it makes up for the errors before it.
    """

    name = "low_rank"
    title = "Low rank"
    knob = "rank"

    def __init__(self, stopwatch: Stopwatch | None = None) -> None:
        self._stopwatch = stopwatch

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether some layer has a rank, or ranks are to be chosen."""
        return bool(_asked(model, recipe))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """What is no matrix or convolution with a constant 32-bit weight of its own."""
        reasons = {layer.name: _refusal(model, layer, LowRankMethod()) for layer in model.layers}
        return {name: reason for name, reason in reasons.items() if reason}

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Factorises the layers that have a rank, or that a target chooses; see `Step.apply`."""
        method, layers = recipe.methods.low_rank, _asked(model, recipe)
        ledger = Ledger(self.name, self.title, model)
        systems, unfit_layers = _systems(model, layers, method)
        if calibration.draft:
            systems = [one.drafted() for one in systems]
        weighted = method.weighted and not calibration.synthetic
        samples = Samples(kept_batches(calibration) if weighted else (), recipe.seed, token)
        token.check()
        settings = recipe.settings_of(layers)
        ranks = {system.layer.name: settings[system.layer.name].rank for system in systems}
        stopwatch = (self._stopwatch or MeasuredTimes(model.shapes, token)) if method.keep_faster else None
        planner = Planner(model, systems, ranks, method, samples, stopwatch)
        bystanders = unfit_layers if method.automatic else {}
        builder = Builder(model, systems, method, samples, bystanders)
        plan, notes = reach(planner, builder, model, method, samples)
        built = builder.build(plan)
        for name, reason in unfit_layers.items():
            if name not in built.remarks:
                ledger.refuse(model.layer(name), reason)
            else:
                ledger.change(model.layer(name), built.remarks[name])
        _note(systems, plan, built, ledger, stopwatch)
        if method.weighted and calibration.synthetic:
            notes = (*notes, MADE_UP)
        result = ledger.close(built.model, notes)
        return replace(result, recipe=_written_out(recipe, plan)) if method.automatic else result


def _note(systems: Sequence[System], plan: Plan, built: Built, ledger: Ledger, stopwatch: Stopwatch | None) -> None:
    """Takes note of what became of each layer."""
    for system in systems:
        name = system.layer.name
        if name in built.remarks:
            ledger.change(system.layer, built.remarks[name] + _slower(system, plan, stopwatch))
        else:
            ledger.refuse(system.layer, plan.left.get(name) or built.failures[name])


def _slower(system: System, plan: Plan, stopwatch: Stopwatch | None) -> str:
    """Says so where the layer is slower than it was: it was asked for."""
    factor = plan.factors.get(system.layer.name)
    times = None if stopwatch is None or factor is None else stopwatch.times(system, [factor])
    if times is None or times[1][0] <= times[0]:
        return ""
    return f"; {slower(times[1][0], times[0])}"


def _written_out(recipe: Recipe, plan: Plan) -> Recipe:
    """The recipe with what was chosen."""
    chosen = {name: written(plan.factors[name]) for name in plan.competing if name in plan.factors}
    low_rank = msgspec.structs.replace(recipe.methods.low_rank, chosen=chosen)
    methods = msgspec.structs.replace(recipe.methods, low_rank=low_rank)
    return msgspec.structs.replace(recipe, methods=methods)


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    """The layers that have a rank; all that are not locked where ranks are chosen."""
    automatic = recipe.methods.low_rank.automatic

    def wants(settings: LayerSettings) -> bool:
        return automatic or settings.rank is not None

    settings = recipe.settings_of(model.layers)
    return [layer for layer in asked(model, recipe, wants) if not _is_stack(layer, settings[layer.name])]


def _is_stack(layer: Layer, settings: LayerSettings) -> bool:
    """Whether the layer is part of a stack, of which the rank was the width."""
    return settings.structure == "stacked" and settings.rank is not None and layer.origin != layer.name


def _systems(model: Model, layers: Sequence[Layer], method: LowRankMethod) -> tuple[list[System], dict[str, str]]:
    """The layers that can be factorised, and of the others the name and why not."""
    systems, reasons = [], {}
    for layer in layers:
        reason = _refusal(model, layer, method)
        weight = find_weight(model, layer)
        if reason or isinstance(weight, str):
            reasons[layer.name] = reason or str(weight)
        elif values := unfit_values(weight.tensor.numpy()):
            reasons[layer.name] = values
        else:
            systems.append(system_of(model, layer, weight))
    return systems, reasons


def _refusal(model: Model, layer: Layer, method: LowRankMethod) -> str:
    """Why the layer cannot be factorised whatever the rank; does not read the weight."""
    reason = layer.refusals.get("rank") or unfit(layer, method)
    if reason:
        return reason
    weight = find_weight(model, layer)
    return weight if isinstance(weight, str) else _unfit_node(model, weight)


def _unfit_node(model: Model, weight: LayerWeight) -> str:
    if weight.index != 1:
        return "its weight is the left operand"
    if weight.sharers:
        return f"it shares its weight with {weight.sharers[0]}"
    transposed = weight.node.op_type == "Gemm" and weight.node.attributes.get_int("transA", 0) != 0
    if transposed and model.opset < FIRST_WITH_OPTIONAL_BIAS:
        return f"a Gemm with transA needs opset {FIRST_WITH_OPTIONAL_BIAS} for that, this model has {model.opset}"
    return ""
