"""What the window asks in passing, of a worker that does nothing else: looks at one layer, or at all activations."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.data import DataSettings
from desktop_app.core.look import ActivationLook, LayerLook


class LayerInspected(Struct, frozen=True, tag="layer_inspected"):
    """What there is to see of a layer."""

    look: LayerLook


class InspectLayer(Struct, frozen=True, tag="inspect_layer"):
    """Look at the weight of a layer of an opened model."""

    Result: ClassVar[type[Struct]] = LayerInspected
    snapshot: str
    layer: str


class ActivationsInspected(Struct, frozen=True, tag="activations_inspected"):
    """What every layer gives on so many samples of the data."""

    layers: tuple[ActivationLook, ...]
    samples: int


class InspectActivations(Struct, frozen=True, tag="inspect_activations"):
    """Look at what the layers of an opened model give on a few samples."""

    Result: ClassVar[type[Struct]] = ActivationsInspected
    snapshot: str
    data: DataSettings
    seed: int = 0
    samples: int = 8
