"""Static int8: weights and activations in 8 bits, with ranges calibrated on data."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from desktop_app.bench.cpu import detect_cpu
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import QuantizeMethod, Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.requests import Histogram, StatisticRequest
from desktop_app.steps.base import Choice, Step, StepResult
from desktop_app.steps.int8 import exclusion
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.draft import Draft, draft
from desktop_app.steps.int8.eligible import refusal
from desktop_app.steps.int8.faster import choose_faster
from desktop_app.steps.int8.gates import with_gates
from desktop_app.steps.int8.layers import quantize_layers
from desktop_app.steps.int8.plan import Plan
from desktop_app.steps.int8.ranges import choose_range
from desktop_app.steps.int8.regrid import Rounder
from desktop_app.steps.int8.sequence import SAMPLES, Start, fit_in_sequence
from desktop_app.steps.int8.write import write_integers
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import asked

BITS = 8


class QuantizeStatic(Step):
    """QDQ with u8 activations of one scale and s8 weights of one scale for each output channel.

    Per-channel scales on activations would keep ONNX Runtime from fusing; for u8 with s8 it has its fastest kernels.
    """

    name = "quantize_static"
    title = "Quantise to 8 bits"
    knob = "bits"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """When activations are to be quantised and some layer is asked for 8 bits."""
        return recipe.methods.quantize.activations is True and bool(_asked(model, recipe))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layers that ONNX Runtime cannot run in 8 bits, or whose weights are no plain float constants."""
        reasons = {layer.name: refusal(model, layer) for layer in model.layers}
        return {name: reason for name, reason in reasons.items() if reason}

    def needs(self, model: Model, recipe: Recipe) -> Sequence[StatisticRequest]:
        """The histogram of every value that will be quantised."""
        return [StatisticRequest(name, "histogram") for name in draft(model, _asked(model, recipe)).plan.sources]

    def choose(self, model: Model, recipe: Recipe, token: Token) -> Choice | None:
        """Layers that this processor is slower on in 8 bits have only their weights stored so."""
        return choose_faster(model, _asked(model, recipe), recipe, token)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Quantises the layers that are asked for 8 bits and can have them."""
        layers = _asked(model, recipe)
        if exclusion.wanted(recipe):
            return exclusion.with_exclusion(self, model, layers, recipe, calibration, token)
        drafted = draft(model, layers)
        quantized = _quantize(drafted, recipe, calibration, token) if drafted.plan.layers else model
        ledger = Ledger(self.name, self.title, model)
        for layer in layers:
            if drafted.reasons[layer.name]:
                ledger.refuse(layer, drafted.reasons[layer.name])
            else:
                ledger.change(layer)
        return ledger.close(quantized)


def settled(method: QuantizeMethod) -> QuantizeMethod:
    """The method with the scheme that "auto" stands for on this processor."""
    if method.scheme != "auto":
        return method
    return replace(method, scheme="vnni" if detect_cpu().exact_int8 else "portable")


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    wanted = asked(model, recipe, lambda one: one.bits == BITS)
    return [layer for layer in wanted if layer.bits > BITS and recipe.rounds_activations(layer)]


def _quantize(drafted: Draft, recipe: Recipe, calibration: Calibration, token: Token) -> Model:
    """Chooses ranges, rounds weights, corrects biases, each on what came of the one before."""
    model, plan, method = drafted.model, drafted.plan, recipe.methods.quantize
    affines = _affines(model, plan, calibration, method.calibration)
    pair_safe = settled(method).scheme == "portable"
    layers = quantize_layers(model, plan, affines, token, pair_safe=pair_safe)
    rounded = write_integers(model, plan, affines, layers)
    compensated = method.rounding == "gptq" or (method.rounding == "auto" and not calibration.synthetic)
    rounder = Rounder(model, pair_safe, min(SAMPLES, calibration.samples)) if compensated else None
    start = Start(model, rounded, plan, affines, layers)
    return write_integers(model, plan, affines, fit_in_sequence(start, rounder, calibration.batches(), token))


def _affines(model: Model, plan: Plan, calibration: Calibration, method: str) -> dict[str, Affine]:
    """Scale and zero point of every group: the range that holds those of all its values."""
    ranges: dict[str, tuple[float, float]] = {}
    for name in plan.sources:
        histogram = calibration.statistic(StatisticRequest(name, "histogram"))
        if isinstance(histogram, Histogram):
            low, high = choose_range(histogram, method)
            before = ranges.get(plan.groups[name], (0.0, 0.0))
            ranges[plan.groups[name]] = (min(low, before[0]), max(high, before[1]))
    return with_gates(model, plan.gates, plan.groups, {one: Affine.of_range(*both) for one, both in ranges.items()})
