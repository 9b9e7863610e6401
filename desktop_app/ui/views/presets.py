"""The choice of presets on the toolbar: those of the application, and the user's own below a line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.recipes import Preset
from desktop_app.ui import operations
from desktop_app.ui.session import Session
from desktop_app.ui.text import as_tooltip, tell, tr
from desktop_app.ui.theme import scaled


class PresetChoice(QComboBox):
    """Applies a preset, and shows which one the recipe still equals."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetChoice")
        self.setAccessibleName(tr("Preset"))
        self.setPlaceholderText(tr("own settings"))
        self.setMinimumContentsLength(20)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view().setMinimumWidth(scaled(280))
        self._document = session.document
        self.activated.connect(self._apply)
        session.presets.changed.connect(self._fill)
        self._document.recipe_changed.connect(self._follow)
        self._document.opened.connect(self._follow)
        self._fill(session.presets.all)

    def _fill(self, presets: tuple[Preset, ...]) -> None:
        self.clear()
        shipped = sum(not one.name for one in presets)
        for place, one in enumerate(presets):
            if place == shipped > 0:
                self.insertSeparator(self.count())
            self.addItem(preset_title(one), one)
            tip = one.tip if one.name else tell(one.tip)
            self.setItemData(self.count() - 1, as_tooltip(tip), Qt.ItemDataRole.ToolTipRole)
        self._follow()

    def _preset(self, place: int) -> Preset | None:
        """The preset of a line; the line between the application's and the user's has none."""
        preset = self.itemData(place)
        return preset if isinstance(preset, Preset) else None

    def _apply(self, place: int) -> None:
        preset = self._preset(place)
        if preset is not None:
            operations.apply_preset(self._document, preset.recipe, preset_title(preset))

    def _follow(self) -> None:
        recipe = self._document.recipe
        presets = ((place, self._preset(place)) for place in range(self.count()))
        same = (
            place
            for place, one in presets
            if one is not None and _asked(operations.as_own(one.recipe, recipe)) == _asked(recipe)
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


def preset_title(preset: Preset) -> str:
    """What a preset is called: those of the application in the user's language, the user's own as written."""
    return preset.title if preset.name else tell(preset.title)


def _asked(recipe: Recipe) -> object:
    return recipe.defaults, recipe.layers, recipe.methods
