"""Static int8: weights and activations in 8 bits (weights in 4 where asked), with ranges calibrated on data."""

from collections.abc import Mapping, Sequence

from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.requests import StatisticRequest
from desktop_app.steps.base import Choice, Step, StepResult
from desktop_app.steps.int8 import exclusion
from desktop_app.steps.int8.draft import Draft, draft
from desktop_app.steps.int8.eligible import refusal
from desktop_app.steps.int8.elsewhere import marked
from desktop_app.steps.int8.faster import choose_faster
from desktop_app.steps.int8.fitting import fit
from desktop_app.steps.int8.smoothing import spots
from desktop_app.steps.int8.weights import BITS
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import asked


class QuantizeStatic(Step):
    """QDQ with u8 activations of one scale and s8 weights of one scale for each output channel.

    Per-channel scales on activations would keep ONNX Runtime from fusing; for u8 with s8 it has its fastest kernels.
    """

    name = "quantize_static"
    title = "Quantise to 8 bits"
    knob = "bits"

    def __init__(self) -> None:
        self._drafted: tuple[Model, Sequence[Layer], Draft] | None = None

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """When activations are to be quantised and some layer is asked for 8 bits, or for integers of 4."""
        return recipe.methods.quantize.activations is True and bool(_asked(model, recipe))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layers that ONNX Runtime cannot run in 8 bits, or whose weights are no plain float constants."""
        reasons = {layer.name: refusal(model, layer) for layer in model.layers}
        return {name: reason for name, reason in reasons.items() if reason}

    def needs(self, model: Model, recipe: Recipe) -> Sequence[StatisticRequest]:
        """The histogram of every value that will be quantised, and what tells whether its outliers can be moved."""
        drafted = self._draft(model, _asked(model, recipe))
        requests = [StatisticRequest(name, "histogram") for name in drafted.plan.sources]
        found = spots(drafted.model, drafted.plan) if recipe.methods.quantize.smooth else []
        return [*requests, *(request for spot in found for request in spot.requests())]

    def choose(self, model: Model, recipe: Recipe, token: Token) -> Choice | None:
        """Layers that this processor is slower on in 8 bits have only their weights stored so."""
        return choose_faster(model, _asked(model, recipe), recipe, token)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Quantises the layers that are asked for 8 bits and can have them."""
        layers = _asked(model, recipe)
        if exclusion.wanted(recipe):
            return exclusion.with_exclusion(self, model, layers, recipe, calibration, token)
        drafted, settings = self._draft(model, layers), recipe.settings_of(model.layers)
        few = {layer.name: settings[layer.name].bits for layer in layers if settings[layer.name].bits < BITS}
        quantized, notes = model, tuple[str, ...]()
        if drafted.plan.layers:
            start = fit(drafted, recipe.methods.quantize, calibration, token, few)
            quantized, notes = (start.quantized, ()) if calibration.draft else marked(start, calibration)
            notes = (*_smoothed(start.smoothed), *notes)
        ledger = Ledger(self.name, self.title, model)
        for layer in layers:
            if drafted.reasons[layer.name]:
                ledger.refuse(layer, drafted.reasons[layer.name])
            else:
                ledger.change(layer)
        return ledger.close(quantized, notes)

    def _draft(self, model: Model, layers: Sequence[Layer]) -> Draft:
        """The draft for these layers, kept from `needs` to `apply`: ONNX Runtime is asked what it fuses."""
        if self._drafted is None or self._drafted[0] is not model or self._drafted[1] != layers:
            self._drafted = model, layers, draft(model, layers)
        return self._drafted[2]


def _smoothed(values: Sequence[str]) -> tuple[str, ...]:
    if not values:
        return ()
    return (f"Outliers of {len(values)} activations were moved into the weights that read them: {', '.join(values)}.",)


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    wanted = asked(model, recipe, lambda one: one.bits in recipe.methods.quantize.integer_bits)
    return [layer for layer in wanted if layer.bits > BITS and recipe.rounds_activations(layer)]
