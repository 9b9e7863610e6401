"""Commands on the user's own presets: keeping one, and the list of them."""

from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.recipes import Preset
from desktop_app.ui import operations
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr


class Presetting(QObject):
    """Opens the dialogs and ties them to the worker."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    def save(self) -> None:
        """Asks for a name and keeps what the recipe asks for as a preset."""
        self._ask(None, operations.for_preset(self._session.document), self._window)

    def manage(self) -> None:
        """Opens the list of the user's presets."""
        from desktop_app.ui.dialogs.presets import PresetsDialog

        folder = platformdirs.user_data_path("compression-studio", appauthor=False) / "presets"
        dialog = PresetsDialog(self._session.presets.all, Path(folder), self._window)
        dialog.rename_wanted.connect(lambda preset: self._ask(preset, preset.recipe, dialog))
        dialog.delete_wanted.connect(self._delete)
        self._session.presets.changed.connect(dialog.show_presets)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask(self, renamed: Preset | None, recipe: Recipe, parent: QWidget) -> None:
        from desktop_app.ui.dialogs.presets import PresetDialog

        dialog = PresetDialog(self._session.presets.all, renamed, parent)
        dialog.save_wanted.connect(lambda title, tip, name: self._save(title, tip, recipe, name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save(self, title: str, tip: str, recipe: Recipe, name: str) -> None:
        told = tr("The preset {name} is kept.").format(name=title)
        self._session.presets.save(title, tip, recipe, name, lambda: self._session.told.emit(told))

    @Slot(str)
    def _delete(self, name: str) -> None:
        self._session.presets.delete(name)
