"""Weights as 16-bit floats: half the bytes, the same speed."""

from collections.abc import Mapping

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.storage.stored import Stored, store_layers
from desktop_app.steps.targets import LayerWeight, asked, refusals

BITS = 16
LARGEST = float(np.finfo(np.float16).max)


class Half(Step):
    """Stores weights as 16-bit floats behind a Cast, which ONNX Runtime folds when it loads the model."""

    name = "half"
    title = "16-bit storage"
    knob = "bits"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether some layer is set to 16 bits."""
        return bool(_asked(model, recipe))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layers without a constant 32-bit weight."""
        return refusals(model, lambda weight: "")

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Rounds the weights of the layers set to 16 bits, see `Step.apply`."""
        return store_layers(self, model, _asked(model, recipe), _encode, token)


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    return [layer for layer in asked(model, recipe, lambda one: one.bits == BITS) if layer.bits > BITS]


def _encode(weight: LayerWeight, array: np.ndarray) -> Stored | str:
    largest = float(np.abs(array).max())
    if largest > LARGEST:
        return f"its largest weight, {largest:.3g}, is beyond what 16 bits hold ({LARGEST:g})"
    return Stored(array.astype(np.float16), array.shape)
