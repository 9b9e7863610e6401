"""What the filter line may ask of a layer, looked up when it does."""

from collections.abc import Mapping

from desktop_app.core.layer import Layer
from desktop_app.core.settings import LayerSettings
from desktop_app.ui.document import Document


class LayerFacts:
    """See `filters.Facts`."""

    __slots__ = ("_document", "_layer")

    def __init__(self, document: Document, layer: Layer) -> None:
        self._document = document
        self._layer = layer

    @property
    def layer(self) -> Layer:
        """Which layer it is."""
        return self._layer

    @property
    def settings(self) -> LayerSettings:
        """What is asked of it."""
        return self._document.settings(self._layer)

    @property
    def changed(self) -> bool:
        """Whether that is not the default."""
        return self.settings != self._document.recipe.defaults

    @property
    def refused(self) -> bool:
        """Whether it does not take something."""
        prediction = self._document.prediction
        return bool(self._layer.refusals) or (prediction is not None and self._layer.name in prediction.refusals)

    @property
    def shares(self) -> Mapping[str, float]:
        """Of time, size, params and macs its share of the whole model, in [0, 1]."""
        layer, whole = self._layer, self._document.summary
        if whole is None:
            return {}
        return {
            "time": self._document.time_share(layer) or 0.0,
            "size": layer.bytes / max(whole.bytes, 1),
            "params": layer.params / max(whole.cost.params, 1),
            "macs": layer.macs / max(whole.cost.macs, 1),
        }
