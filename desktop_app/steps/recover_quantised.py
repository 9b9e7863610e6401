"""Quantisation-aware training: the quantised model learns back from the original what rounding took."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from desktop_app.core.errors import StudioError
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.cleaning.plain import cleaned
from desktop_app.steps.int8.elsewhere import EVERYWHERE, EXACT_KEY
from desktop_app.steps.int8.saturation import PAIR_LIMIT
from desktop_app.steps.int8.scheme import settled
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import asked

if TYPE_CHECKING:
    from desktop_app.learn.distilling import Distilled

UNCHANGED = "No state was better than the one before: the integers stay."


class RecoverQuantised(Step):
    """Trains integers, scales and biases of a model in 8 bits, so that its outputs come near to the original's again.

    The structure stays, and so does what the static quantisation promises of processors without VNNI. What is trained
    is computed as ONNX Runtime does, but for the rounding of sums that lie between two integers.
    """

    name: ClassVar[str] = "recover_quantised"
    title: ClassVar[str] = "Quantisation-aware training"
    method: ClassVar[str | None] = "recover"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether there are steps to train with rounded weights, and layers in integers."""
        return recipe.methods.recover.quantised_steps > 0 and bool(_asked(model, recipe)) and _has_integers(model)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """The model with trained integers.

        Raises:
            StudioError: when torch is missing, there is nothing to learn from, or a node cannot be trained through.
            NothingChangedError: when no layer computes in integers, with the reasons.
            Cancelled: when the token says so; the next run goes on where this one was.
        """
        if calibration.original is None or calibration.training is None:
            raise StudioError("There is nothing to train on: give data, or set methods.recover.quantised_steps to 0.")
        with needing_torch("training"):
            from desktop_app.learn.distilling_quantised import distil_quantised  # not above: torch takes seconds
            from desktop_app.learn.quantised_layers import quantised_layers

        layers = _asked(model, recipe)
        found, reasons = quantised_layers(model, _bits(model, layers, recipe), pair_safe=_pair_safe(model, recipe))
        ledger = Ledger(self.name, self.title, model)
        for layer in layers:
            if layer.name in reasons:
                ledger.refuse(layer, reasons[layer.name])
        if not found:
            return ledger.close(model)
        locked = {layer.name for layer in model.layers if recipe.settings_for(layer).locked}
        result = distil_quantised(
            model,
            found,
            cleaned(calibration.original),
            calibration.training,
            recipe,
            locked,
            token,
            pair_limit=PAIR_LIMIT,
        )
        return _result(ledger, model, layers, reasons, result)


def _result(
    ledger: Ledger, model: Model, layers: list[Layer], reasons: Mapping[str, str], result: "Distilled"
) -> StepResult:
    if result.trained.best_step == 0:
        return StepResult(model, notes=(*result.notes, UNCHANGED))
    for layer in layers:
        if layer.name not in reasons:
            ledger.change(layer)
    return ledger.close(result.model, result.notes)


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    """The layers that were to compute in integers."""
    wanted = asked(model, recipe, lambda one: one.bits in recipe.methods.quantize.integer_bits)
    return [layer for layer in wanted if recipe.rounds_activations(layer)]


def _bits(model: Model, layers: list[Layer], recipe: Recipe) -> dict[str, int]:
    settings = recipe.settings_of(model.layers)
    return {layer.name: settings[layer.name].bits for layer in layers}


def _has_integers(model: Model) -> bool:
    return any(node.op_type == "QuantizeLinear" for node in model.graph)


def _pair_safe(model: Model, recipe: Recipe) -> bool:
    """Whether sums must fit into 16 bits: where that was asked for, and where the file says that they do."""
    exact = model.ir.metadata_props.get(EXACT_KEY) == EVERYWHERE
    return exact or settled(recipe.methods.quantize).scheme == "portable"
