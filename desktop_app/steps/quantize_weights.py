"""Weights as integers of 8, 6, 4 or 2 bits with scales; activations stay float."""

from collections.abc import Mapping

from desktop_app.core.methods import QuantizeMethod
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.axes import unfit_axes
from desktop_app.steps.base import Choice, Step, StepResult
from desktop_app.steps.storage.product import BITS as PRODUCT_BITS
from desktop_app.steps.storage.stored import FIRST_WITH_BROADCASTING, FIRST_WITH_SLICE, Stored, store_layers
from desktop_app.steps.targets import LayerWeight, asked, find_weights, refusals, unfit_values
from desktop_app.steps.weight_only.faster_product import choose_product
from desktop_app.steps.weight_only.layout import Layout
from desktop_app.steps.weight_only.planning import Target, plan_storage

MADE_UP = "The calibration samples are made up, and weights were rounded against what layers make of them."
NO_SAMPLES = "There are no calibration samples, so weights were rounded to the nearest."


class QuantizeWeights(Step):
    """Rounds weights to integers that share scales: an output's in 8 and 6 bits, in fewer bits blocks of them.

    On real data they are rounded against what the layers read (`rounding/gptq.py`), and biases take up what that does
    to the mean of a layer; else to the nearest, with the scale of least squared error. Blocks as in QLoRA (Dettmers et
    al., 2023); which size, and which small layers take more bits, is chosen by what the outputs lose.
    """

    name = "quantize_weights"
    title = "Weight quantisation"
    knob = "bits"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether some layer is set to 4 or 2 bits, or to 8 or 6 bits while activations stay float."""
        return bool(_asked(model, recipe))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layers without a constant 32-bit weight whose inputs are known."""
        if model.opset < FIRST_WITH_BROADCASTING:
            return {layer.name: _too_old(model) for layer in model.layers}
        return refusals(model, unfit_axes)

    def choose(self, model: Model, recipe: Recipe, token: Token) -> Choice | None:
        """Whether matrix products read weights in 4 bits as they are stored: what is faster on this machine."""
        small = [name for name, bits in _asked(model, recipe).items() if bits == PRODUCT_BITS]
        return choose_product(model, small, recipe, token)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Rounds the weights of the layers that are set so, see `Step.apply`."""
        bits, method = _asked(model, recipe), recipe.methods.quantize
        layers = [layer for layer in model.layers if layer.name in bits]
        targets: dict[str, Target] = {}
        reasons: dict[str, str] = {}
        for layer in layers:
            found = find_weights(model, layer)
            for weight in [] if isinstance(found, str) else found:
                if weight.name not in targets and weight.name not in reasons:
                    target = _target(model, weight, bits)
                    if isinstance(target, str):
                        reasons[weight.name] = target
                    else:
                        targets[weight.name] = target
        against, notes = _against_inputs(method, calibration)
        planned = plan_storage(model, targets, method, calibration, token, against_inputs=against)
        results: dict[str, Stored | str] = {**reasons, **planned}
        result = store_layers(self, model, layers, lambda weight, array: results[weight.name], token)
        return StepResult(result.model, result.outcomes, (*result.notes, *notes))


def _asked(model: Model, recipe: Recipe) -> dict[str, int]:
    """Layer name to the bits in which its weight is to be stored."""
    method, settings = recipe.methods.quantize, recipe.settings_of(model.layers)
    found: dict[str, int] = {}
    for layer in asked(model, recipe, lambda one: one.bits <= 8):
        bits = settings[layer.name].bits
        alone = method.activations is False or (layer.origin or layer.name) in method.weights_only
        if layer.bits > bits and (bits not in (8, *method.integer_bits) or alone):
            found[layer.name] = bits
    return found


def _target(model: Model, weight: LayerWeight, bits: Mapping[str, int]) -> Target | str:
    """The weight as it is to be stored, or why it cannot be."""
    own = bits[weight.layer.name]
    if model.opset < FIRST_WITH_BROADCASTING:
        return _too_old(model)
    if {bits.get(name, own) for name in weight.sharers} - {own}:
        return "it shares its weight with a layer set to other bits"
    if weight.tensor.size % (8 // own) and model.opset < FIRST_WITH_SLICE:
        parts = "an odd number of weights" if own == 4 else "a number of weights that no four divide"
        return f"{parts} in {own} bits needs opset {FIRST_WITH_SLICE}, this model has {model.opset}"
    layout = Layout.of(weight)
    if isinstance(layout, str):
        return layout
    array = weight.tensor.numpy()
    return unfit_values(array) or Target(weight, layout, own, array)


def _against_inputs(method: QuantizeMethod, calibration: Calibration) -> tuple[bool, tuple[str, ...]]:
    """Whether to round against the inputs, and what is worth saying of it."""
    if method.rounding == "nearest" or (method.rounding == "auto" and calibration.synthetic):
        return False, ()
    if not calibration.samples:
        return False, (NO_SAMPLES,) if method.rounding == "gptq" else ()
    return True, (MADE_UP,) if calibration.synthetic else ()


def _too_old(model: Model) -> str:
    return f"opset {model.opset} cannot decode integers; export with opset {FIRST_WITH_BROADCASTING} or newer"
