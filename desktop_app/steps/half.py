"""Weights as 16-bit floats: half the bytes, the same speed."""

import numpy as np

from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.stored import Stored, store_layers
from desktop_app.steps.targets import LayerWeight, asked

LARGEST = float(np.finfo(np.float16).max)


class Half(Step):
    """Stores weights as 16-bit floats behind a Cast, which ONNX Runtime folds when it loads the model."""

    name = "half"
    title = "16-bit storage"
    knob = "bits"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether some layer is set to 16 bits."""
        return bool(asked(model, recipe, _wants))

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Rounds the weights of the layers set to 16 bits, see `Step.apply`."""
        return store_layers(self, model, asked(model, recipe, _wants), _encode, token)


def _wants(settings: LayerSettings) -> bool:
    return settings.bits == 16


def _encode(weight: LayerWeight, array: np.ndarray) -> Stored | str:
    largest = float(np.abs(array).max())
    if largest > LARGEST:
        return f"its largest weight, {largest:.3g}, is beyond what 16 bits hold ({LARGEST:g})"
    return Stored(array.astype(np.float16), array.shape)
