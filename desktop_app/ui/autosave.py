"""Writes the journal as the user edits, and offers what it holds when the same model is opened again."""

import logging

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.core.recipe import Recipe
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.journal import Entry, Journal

DELAY_MS = 1000


class Autosave(QObject):
    """Keeps the journal in step with the document.

    Signals:
        found: The recipe that was not saved when this model was last open.
    """

    found = Signal(Recipe)

    def __init__(self, document: Document, journal: Journal, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._journal = journal
        self._asked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.flush)
        document.recipe_changed.connect(self._timer.start)
        document.undo_stack.cleanChanged.connect(self._timer.start)
        document.opened.connect(self._look)

    def flush(self) -> None:
        """Writes what is not saved, at once; forgets what is. What was found stays until the user has answered."""
        self._timer.stop()
        summary = self._document.summary
        if summary is None or self._asked:
            return
        try:
            if self._document.dirty:
                self._journal.write(summary.sha256, Entry(summary.name, self._document.recipe))
            else:
                self._journal.forget(summary.sha256)
        except OSError:
            logging.getLogger(__name__).exception("the journal cannot be written")

    def restore(self, recipe: Recipe) -> None:
        """Takes what was found."""
        self._asked = False
        operations.set_recipe(self._document, recipe)

    def discard(self) -> None:
        """Forgets what was found."""
        self._asked = False
        self.flush()

    def _look(self) -> None:
        self._timer.stop()
        summary = self._document.summary
        entry = self._journal.read(summary.sha256) if summary else None
        self._asked = entry is not None and entry.recipe != self._document.recipe
        if entry is not None and self._asked:
            self.found.emit(entry.recipe)
