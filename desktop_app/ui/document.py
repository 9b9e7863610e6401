"""What the window shows: one model, the recipe for it, what it will cost, and what runs gave."""

import gc
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from desktop_app.core.coupling import Coupling
from desktop_app.core.layer import Layer
from desktop_app.core.predict import Prediction
from desktop_app.core.predictor import Predictor
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Machine
from desktop_app.core.sensitivity import LayerSensitivity, Sensitivity
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.jobs.measurements import Profiled
from desktop_app.jobs.messages import Opened, RunFinished
from desktop_app.jobs.previews import DataPreview
from desktop_app.ui.edit import EditRecipe
from desktop_app.ui.recovery.history import NOWHERE, History
from desktop_app.ui.run_list import RunList
from desktop_app.ui.selection import Selection

HeatBy = Literal["", "time", "size", "sensitivity", "error"]
"""What layers are coloured by; see `heat.KINDS`."""


class Document(QObject):
    """One opened model and everything the user decides about it.

    Signals:
        leaving: Another model is about to be shown; the one before is still here.
        opened: Another model is shown.
        recipe_changed: The recipe has another value.
        prediction_changed: So has what it will cost.
        profile_changed: The time of every layer became known.
        data_changed: It became known what the data source holds, or it is another one.
        heat_changed: The tree's layers are coloured by something else.
        sensitivity_changed: More, or other, became known of what changes of single layers cost.
        state_changed: Something changed on which it depends what the user can do.
    """

    leaving = Signal()
    opened = Signal()
    recipe_changed = Signal()
    prediction_changed = Signal()
    profile_changed = Signal()
    data_changed = Signal()
    sensitivity_changed = Signal()
    heat_changed = Signal()
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.selection = Selection(self)
        self.summary: ModelSummary | None = None
        self.coupling: Coupling | None = None
        self.snapshot = ""
        self.recipe_path: Path | None = None
        self.profile: LayerProfile | None = None
        self.machine: Machine | None = None
        self.data: DataPreview | None = None
        self.sensitivity: Sensitivity | None = None
        self._tried: dict[str, LayerSensitivity] = {}
        self.runs = RunList(self)
        self.heat: HeatBy = ""
        self.prediction: Prediction | None = None
        self._replaying = False
        self._recipe = Recipe()
        self._predictor: Predictor | None = None
        self._settings: dict[str, LayerSettings] = {}
        self._layers: dict[str, Layer] = {}
        self._index: dict[str, int] = {}
        self.undo_stack.indexChanged.connect(self.state_changed)
        self.undo_stack.cleanChanged.connect(self.state_changed)
        for signal in (self.runs.changed, self.runs.shown_changed, self.runs.selection_changed):
            signal.connect(self.state_changed)

    @property
    def recipe(self) -> Recipe:
        """The recipe as it stands."""
        return self._recipe

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The model's layers in execution order; none before a model is open."""
        return self.summary.layers if self.summary else ()

    @property
    def dirty(self) -> bool:
        """Whether the recipe has edits that are not saved."""
        return not self.undo_stack.isClean()

    @property
    def run(self) -> RunFinished | None:
        """The run that is shown: the newest, unless the user has chosen another."""
        return self.runs.shown_run

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises KeyError."""
        return self._layers[name]

    def has_layer(self, name: str) -> bool:
        """Whether the model has a layer of that name."""
        return name in self._layers

    def has(self, layer: Layer) -> bool:
        """Whether that very layer is one of the model's."""
        return self._layers.get(layer.name) == layer

    def settings(self, layer: Layer) -> LayerSettings:
        """What the recipe asks of a layer."""
        known = self._settings.get(layer.name)
        return self._recipe.settings_for(layer) if known is None else known

    def time_share(self, *layers: Layer) -> float | None:
        """The layers' share of the model's measured time; None before it is measured."""
        if self.profile is None or self.profile.total_ms <= 0:
            return None
        return sum(self.profile.milliseconds.get(layer.name, 0.0) for layer in layers) / self.profile.total_ms

    @property
    def touched(self) -> frozenset[str] | None:
        """The layers of which the last prediction may tell something else than the one before; None for all."""
        return self._predictor.touched if self._predictor is not None else None

    def place(self, name: str) -> int:
        """Where a layer stands in execution order. Raises KeyError."""
        return self._index[name]

    @property
    def tried_any(self) -> bool:
        """Whether changes of some layer were tried."""
        return bool(self._tried)

    def tried(self, layer: Layer) -> LayerSensitivity | None:
        """What every tried change of that layer alone costs and gives; None where that is not known."""
        return self._tried.get(layer.name)

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Layer names without repetition, in execution order."""
        return tuple(sorted(set(names), key=self._index.__getitem__))

    def show(self, opened: Opened) -> None:
        """Shows another model with an empty recipe; what was known of the one before is forgotten."""
        if self.summary is not None:
            self.leaving.emit()
        self.summary, self.snapshot = opened.summary, opened.snapshot
        self.coupling = Coupling(opened.summary)
        self._layers = {layer.name: layer for layer in opened.summary.layers}
        self._index = {layer.name: place for place, layer in enumerate(opened.summary.layers)}
        self.sensitivity, self._tried = None, {}
        self.recipe_path, self.profile, self.machine, self.data = None, None, None, None
        self.runs.forget()
        self.undo_stack.clear()
        self.selection.choose((), ())
        self._recipe, self._predictor = Recipe(), Predictor(opened.summary)
        self._predict()
        self.opened.emit()
        self.state_changed.emit()
        gc.freeze()  # what 20,000 layers have made stays as long as the model: looking through it takes 200 ms

    def edit(self, recipe: Recipe, text: str, merge: str = "") -> None:
        """Puts a change of the recipe on the undo stack.

        Args:
            recipe: The recipe to be.
            text: What the user did, for the Undo menu.
            merge: Edits in a row with the same key (of one slider) become one; empty never merges.
        """
        if recipe != self._recipe:
            self.undo_stack.push(EditRecipe(self._recipe, recipe, self._apply, text, merge))

    def saved(self, path: Path) -> None:
        """Notes that the recipe stands in a file as it is."""
        self.recipe_path = path
        self.undo_stack.setClean()
        self.state_changed.emit()

    def take_history(self, history: History) -> None:
        """Takes the edits of an earlier session, so that they can be undone; those of this one are forgotten."""
        stack, self._recipe = self.undo_stack, Recipe()
        self.recipe_path = Path(history.path) if history.path else None
        self._replaying = True
        stack.blockSignals(True)
        stack.clear()
        for place, step in enumerate(history.steps):
            stack.push(EditRecipe(history.recipe_at(place), step.recipe, self._apply, step.text))
        stack.setIndex(history.clean if history.clean != NOWHERE else 0)
        stack.setClean()
        if history.clean == NOWHERE:
            stack.resetClean()
        stack.setIndex(history.index)
        stack.blockSignals(False)
        self._replaying = False
        self._apply(history.recipe)
        self.state_changed.emit()

    def set_profile(self, profiled: Profiled) -> None:
        """Takes the measured time of every layer."""
        self.profile, self.machine = profiled.profile, profiled.machine
        self.profile_changed.emit()
        self._predict()

    def set_data(self, preview: DataPreview | None) -> None:
        """Takes what the data source turned out to hold; None where that is not known yet."""
        self.data = preview
        self.data_changed.emit()

    def colour_by(self, heat: HeatBy) -> None:
        """Colours layers by another kind of heat, see `heat.KINDS`; by none where that is empty."""
        if heat != self.heat:
            self.heat = heat
            self.heat_changed.emit()

    def set_sensitivity(self, sensitivity: Sensitivity | None) -> None:
        """Takes what is known of all layers in place of what was."""
        self.sensitivity = sensitivity
        self._tried = {one.layer: one for one in sensitivity.layers} if sensitivity else {}
        self.sensitivity_changed.emit()

    def add_tried(self, row: LayerSensitivity) -> None:
        """Takes what became known of one layer; the whole follows when all are tried."""
        self._tried[row.layer] = row
        self.sensitivity_changed.emit()

    def _apply(self, recipe: Recipe) -> None:
        self._recipe, self._settings = recipe, {}
        if not self._replaying:
            self._predict()
            self.recipe_changed.emit()

    def _predict(self) -> None:
        if self._predictor is not None:
            self.prediction = self._predictor.predict(self._recipe, self.profile)
            self._settings = self._predictor.settings
        self.prediction_changed.emit()
