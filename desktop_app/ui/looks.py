"""What is known of single layers from their weights and on samples: asked of the worker once, then at hand at once."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from desktop_app.core.data import DataSettings
from desktop_app.core.look import ActivationLook, LayerLook
from desktop_app.jobs.looks import ActivationsInspected, InspectActivations, InspectLayer, LayerInspected
from desktop_app.jobs.messages import Failed
from desktop_app.ui.aside import Aside, Question
from desktop_app.ui.document import Document

MOST_KEPT = 1024
"""Looks of a few thousand numbers each; the one that was wanted longest ago is forgotten."""


class Looks(QObject):
    """The looks at the layers of the document's model, outliving the views that show them.

    Signals:
        changed: Something became known of a layer; its name.
        activations_changed: What all layers give on samples became known, or is not known any more.
    """

    changed = Signal(str)
    activations_changed = Signal()

    def __init__(self, document: Document, aside: Aside, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._aside = document, aside
        self._known: OrderedDict[str, LayerLook] = OrderedDict()
        self._activations: dict[str, ActivationLook] = {}
        self._ahead: tuple[LayerLook, ...] = ()
        self._sampled: tuple[str, DataSettings] | None = None
        self._watched = False
        self.activations_reason = ""
        document.opened.connect(self._on_opened)
        document.recipe_changed.connect(self._on_recipe)
        document.data_changed.connect(self._on_data)

    def of(self, name: str) -> LayerLook | None:
        """What is known of a layer's weight; None before the worker has looked."""
        if name in self._known:
            self._known.move_to_end(name)
        return self._known.get(name)

    def activation(self, name: str) -> ActivationLook | None:
        """What a layer gives on samples; None where that is not known."""
        return self._activations.get(name)

    def expect(self, looks: Sequence[LayerLook]) -> None:
        """Takes what came with a model that is about to be shown."""
        self._ahead = tuple(looks)

    def want(self, name: str) -> None:
        """Has the worker look at a layer, unless it has; the newest wish takes the place of one that waits."""
        self._watched = True
        if name not in self._known:
            request = InspectLayer(self._document.snapshot, name)
            self._aside.ask(Question("layer", request, self._keeper(request.snapshot), self._failer(request)))
        self._want_activations()

    def _want_activations(self) -> None:
        """Has the model run on a few samples when nothing else is done, once for each model and data."""
        document = self._document
        wanted = (document.snapshot, document.recipe.data)
        runnable = document.summary is not None and not document.summary.runnable
        if not runnable or document.data is None or wanted[1].path is None or wanted == self._sampled:
            return
        self._sampled = wanted
        request = InspectActivations(*wanted, document.recipe.seed)

        def keep(inspected: ActivationsInspected) -> None:
            if self._sampled == wanted:
                self._activations = {one.layer: one for one in inspected.layers}
                self.activations_changed.emit()

        def fail(failure: Failed) -> None:
            if self._sampled == wanted:
                self.activations_reason = failure.sentence
                self.activations_changed.emit()

        self._aside.ask(Question("activations", request, keep, fail, patient=True))

    def _keeper(self, snapshot: str) -> Callable[[LayerInspected], None]:
        def keep(inspected: LayerInspected) -> None:
            if snapshot == self._document.snapshot:
                self._keep(inspected.look)

        return keep

    def _failer(self, request: InspectLayer) -> Callable[[Failed], None]:
        def fail(failure: Failed) -> None:
            if request.snapshot == self._document.snapshot:
                self._keep(LayerLook(request.layer, failure.sentence))

        return fail

    def _keep(self, look: LayerLook) -> None:
        self._known[look.layer] = look
        if len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        self.changed.emit(look.layer)

    def _on_opened(self) -> None:
        self._aside.forget()
        self._watched = False
        self._known = OrderedDict((look.layer, look) for look in self._ahead)
        self._ahead = ()
        self._forget_activations()

    def _on_data(self) -> None:
        """Somebody looks at a layer, and did before the data were known."""
        if self._watched:
            self._want_activations()

    def _on_recipe(self) -> None:
        if self._sampled is not None and self._sampled[1] != self._document.recipe.data:
            self._forget_activations()

    def _forget_activations(self) -> None:
        self._activations, self._sampled, self.activations_reason = {}, None, ""
        self.activations_changed.emit()
