"""Static int8: weights and activations in 8 bits, with ranges calibrated on data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop_app.bench.cpu import detect_cpu
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.requests import Histogram, StatisticRequest
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.bias_correction import correct_biases
from desktop_app.steps.int8.eligible import read_weights, refusal, weights_refusal
from desktop_app.steps.int8.fusion import fused_layers
from desktop_app.steps.int8.layers import quantize_layers
from desktop_app.steps.int8.opset import raise_opset
from desktop_app.steps.int8.plan import Plan, make_plan
from desktop_app.steps.int8.ranges import choose_range
from desktop_app.steps.int8.write import write_integers
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import asked

BITS = 8
UNFUSED = "stored in 8 bits, but ONNX Runtime computes it in float"


class QuantizeStatic(Step):
    """QDQ with u8 activations of one scale and s8 weights of one scale for each output channel."""

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
        return [StatisticRequest(name, "histogram") for name in _draft(model, recipe).plan.sources]

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Quantises the layers that are asked for 8 bits and can have them."""
        draft = _draft(model, recipe)
        method = recipe.methods.quantize
        affines = _affines(draft.plan, calibration, method.calibration)
        pair_safe = method.scheme == "portable" or not detect_cpu().exact_int8
        layers = quantize_layers(draft.model, draft.plan, affines, token, pair_safe=pair_safe)
        result = write_integers(draft.model, draft.plan, affines, layers)
        layers = correct_biases(draft.model, result, layers, calibration.batches(), token)
        result = write_integers(draft.model, draft.plan, affines, layers)
        fused = fused_layers(result, draft.plan.layers)
        ledger = Ledger(self.name, self.title, model)
        for layer in _asked(model, recipe):
            if draft.reasons[layer.name]:
                ledger.refuse(layer, draft.reasons[layer.name])
            else:
                ledger.change(layer, "" if layer.name in fused else UNFUSED)
        return ledger.close(result)


@dataclass(frozen=True)
class _Draft:
    """The model as it will be rewritten, what becomes of it, and why layers are left out (empty: they are not)."""

    model: Model
    reasons: dict[str, str]
    plan: Plan


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    return [layer for layer in asked(model, recipe, lambda one: one.bits == BITS) if layer.bits > BITS]


def _draft(model: Model, recipe: Recipe) -> _Draft:
    layers = _asked(model, recipe)
    try:
        raised = raise_opset(model)
    except ValueError as error:
        return _Draft(model, {layer.name: str(error) for layer in layers}, make_plan(model, ()))
    reasons = {layer.name: refusal(raised, layer) for layer in layers}
    for name in [name for name, reason in reasons.items() if not reason]:
        reasons[name] = weights_refusal(read_weights(raised.node(name)))
    return _Draft(raised, reasons, make_plan(raised, [name for name, reason in reasons.items() if not reason]))


def _affines(plan: Plan, calibration: Calibration, method: str) -> dict[str, Affine]:
    """Scale and zero point of every group: the range that holds those of all its values."""
    ranges: dict[str, tuple[float, float]] = {}
    for name in plan.sources:
        histogram = calibration.statistic(StatisticRequest(name, "histogram"))
        if isinstance(histogram, Histogram):
            low, high = choose_range(histogram, method)
            before = ranges.get(plan.groups[name], (0.0, 0.0))
            ranges[plan.groups[name]] = (min(low, before[0]), max(high, before[1]))
    return {group: Affine.of_range(*interval) for group, interval in ranges.items()}
