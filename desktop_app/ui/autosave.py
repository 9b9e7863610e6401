"""Saves the recipe to its file so long after an edit, where the settings say so."""

from PySide6.QtCore import QObject, QTimer

from desktop_app.ui.session import Session
from desktop_app.ui.settings.rows import AUTOSAVE
from desktop_app.ui.settings.store import settings

AGAIN_MS = 5000
"""When the worker is busy, it is asked again after so long: saving waits, and stops nothing."""


class Autosave(QObject):
    """Writes edits to the file that the recipe has; without one nothing is written.

    Args:
        session: Whose recipe is saved.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._document = session, session.document
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._save)
        for changed in (self._document.recipe_changed, self._document.state_changed, self._document.opened):
            changed.connect(self._begin)
        settings().changed.connect(self._on_setting)
        self._begin()

    def _begin(self) -> None:
        """Lets the time run from the first edit that is not in the file."""
        minutes = settings().read(AUTOSAVE)
        if not minutes or not self._document.dirty or self._document.recipe_path is None:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start(minutes * 60_000)

    def _save(self) -> None:
        path = self._document.recipe_path
        if path is None or not self._document.dirty:
            return
        if self._session.work.current is not None:
            self._timer.start(AGAIN_MS)
        else:
            self._session.write_recipe(str(path), quiet=True)

    def _on_setting(self, key: str) -> None:
        if key == AUTOSAVE.key:
            self._timer.stop()
            self._begin()
