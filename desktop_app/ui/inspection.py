"""What the inspector's pictures show of one layer, computed before anything is drawn."""

from dataclasses import dataclass

from desktop_app.core.layer import Layer
from desktop_app.core.look import ActivationLook, LayerLook
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import LayerSensitivity
from desktop_app.core.settings import LayerSettings
from desktop_app.ui.document import Document
from desktop_app.ui.looks import Looks
from desktop_app.ui.text import tr


@dataclass(frozen=True)
class Subject:
    """A layer, what is asked of it, and what is known of it by now.

    Attributes:
        layer: The layer.
        settings: What the recipe asks of it.
        recipe: The recipe.
        left: Output and input channels that stay.
        refused: Knob to the reason why it does not take what is asked, or cannot take it at all.
        look: What its weight shows; None before the worker has looked.
        activation: What it gives on samples; None where that is not known.
        activation_reason: Why not.
        tried: What changes of it alone cost; None where that is not measured.
    """

    layer: Layer
    settings: LayerSettings
    recipe: Recipe
    left: tuple[int, int]
    refused: dict[str, str]
    look: LayerLook | None = None
    activation: ActivationLook | None = None
    activation_reason: str = ""
    tried: LayerSensitivity | None = None

    @property
    def cuts_channels(self) -> bool:
        """Whether pruning removes whole channels."""
        return self.recipe.methods.prune.unit == "channels"


def subject_of(document: Document, looks: Looks, layer: Layer) -> Subject:
    """The layer as it is known now."""
    prediction = document.prediction
    return Subject(
        layer,
        document.settings(layer),
        document.recipe,
        channels_left(document, layer),
        {**layer.refusals, **(prediction.refusals.get(layer.name, {}) if prediction else {})},
        looks.of(layer.name),
        looks.activation(layer.name),
        looks.activations_reason or _no_samples(document),
        document.tried(layer),
    )


def channels_left(document: Document, layer: Layer) -> tuple[int, int]:
    """Output and input channels of a layer that stay by the recipe as it stands."""
    kept = document.prediction.kept if document.prediction else {}
    if not kept or document.summary is None:
        return layer.output.size, layer.input.size
    channels = {group: document.summary.groups[group].channels for group in kept}
    return layer.output.kept(kept, channels), layer.input.kept(kept, channels)


def shape_left(layer: Layer, left: tuple[int, int]) -> tuple[int, ...]:
    """The shape of its weight with so many output and input channels."""
    shape = list(layer.weight_shape)
    if len(shape) < 2:
        return tuple(shape)
    places = (1, 0) if layer.op_type in ("MatMul", "ConvTranspose") else (0, 1)
    if layer.op_type == "Gemm" and (shape[0], shape[1]) == (layer.input.size, layer.output.size):
        places = (1, 0) if layer.input.size != layer.output.size else (0, 1)
    for place, before, after in zip(places, (layer.output.size, layer.input.size), left, strict=True):
        if shape[place] == before:
            shape[place] = after
    return tuple(shape)


def _no_samples(document: Document) -> str:
    if document.recipe.data.path is None:
        return tr("Choose data (Ctrl+D), and the range of what the layer gives is shown.")
    if document.summary is not None and document.summary.runnable:
        return tr("ONNX Runtime does not run this model.")
    return tr("Comes when nothing else is being done.")
