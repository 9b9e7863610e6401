"""The choice of presets on the toolbar."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.messages import Preset
from desktop_app.ui import operations
from desktop_app.ui.session import Session
from desktop_app.ui.text import as_tooltip, tr


class PresetChoice(QComboBox):
    """Applies a preset, and shows which one the recipe still equals."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetChoice")
        self.setAccessibleName(tr("Preset"))
        self.setPlaceholderText(tr("own settings"))
        self.setMinimumContentsLength(20)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view().setMinimumWidth(280)
        self._presets: tuple[Preset, ...] = ()
        self._document = session.document
        self.activated.connect(self._apply)
        session.presets_known.connect(self._fill)
        self._document.recipe_changed.connect(self._follow)
        self._document.opened.connect(self._follow)
        self._fill(session.presets)

    def _fill(self, presets: tuple[Preset, ...]) -> None:
        self._presets = presets
        self.clear()
        for place, preset in enumerate(presets):
            self.addItem(tr(preset.title))
            self.setItemData(place, as_tooltip(tr(preset.tip)), Qt.ItemDataRole.ToolTipRole)
        self._follow()

    def _apply(self, place: int) -> None:
        operations.apply_preset(self._document, self._presets[place].recipe, tr(self._presets[place].title))

    def _follow(self) -> None:
        recipe = self._document.recipe
        same = (
            place
            for place, one in enumerate(self._presets)
            if _asked(operations.as_own(one.recipe, recipe)) == _asked(recipe)
        )
        self.setCurrentIndex(next(same, -1))
        opened = self._document.summary is not None
        self.setEnabled(opened)
        tip = (
            tr("Sets all layers at once; data, seed, training and locks stay yours.")
            if opened
            else tr("Open a model first.")
        )
        self.setToolTip(as_tooltip(tip))


def _asked(recipe: Recipe) -> object:
    return recipe.defaults, recipe.layers, recipe.methods
