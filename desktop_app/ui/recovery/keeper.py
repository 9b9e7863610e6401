"""Keeps a window's session on disk as the user works, and tells what of this model was kept before."""

import logging
import uuid
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from desktop_app.ui.document import Document
from desktop_app.ui.recovery.history import History, Line, Moved, Saved, Step, edit_between
from desktop_app.ui.recovery.kept import Kept, ViewState
from desktop_app.ui.recovery.store import Found, Place, Store
from desktop_app.ui.text import tr

VIEW_MS = 1000
"""How the window is arranged is written so often at most; edits are written as they happen."""


class Keeper(QObject):
    """The session of one window.

    Signals:
        found: A `Found`: edits of this very model that are in no file.
        troubled: A sentence: nothing can be kept.
    """

    found = Signal(object)
    troubled = Signal(str)

    def __init__(self, document: Document, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.together = uuid.uuid4().hex
        """Names the windows that are closed together."""
        self._document = document
        self._look: Callable[[], ViewState] = ViewState
        self._place: Place | None = None
        self._taken: Place | None = None
        self._history = History()
        self._kept: Kept | None = None
        self._last_saved = History()
        self._troubled = self._taking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(VIEW_MS)
        self._timer.timeout.connect(self.write_view)
        document.opened.connect(self._on_opened)
        document.undo_stack.indexChanged.connect(self._on_edit)
        document.undo_stack.cleanChanged.connect(self._on_edit)

    @property
    def place(self) -> Place | None:
        """Where this window's session is kept; None before a model is open, or where nothing can be kept."""
        return self._place

    def watch(self, look: Callable[[], ViewState]) -> None:
        """Has `look` tell how the window is arranged whenever that is to be written."""
        self._look = look

    def touch(self) -> None:
        """The window is arranged otherwise: that is written soon."""
        if self._place is not None and not self._timer.isActive():
            self._timer.start()

    def take(self, name: str) -> Found | None:
        """Holds a kept session: the model that is opened next goes on with it; None where that is impossible."""
        self.let_go()
        self._taken = self.store.take(name)
        found = self.store.read(name) if self._taken is not None else None
        if found is None:
            self.let_go()
        return found

    def let_go(self) -> None:
        """The held session is not gone on with: it stays as it is."""
        if self._taken is not None:
            self._taken.release()
            self._taken = None

    def go_on(self, found: Found) -> None:
        """Takes the held session for this window's: its edits come into the document, and new ones behind them."""
        if self._taken is None:
            return
        if self._place is not None:
            self._place.forget()
        self._place, self._taken = self._taken, None
        self._history, self._last_saved, self._kept = found.history, found.history.as_saved, None
        self._taking = True
        self._document.take_history(found.history)
        self._taking = False
        self._try(lambda place: place.rewrite(self._history))
        self.write_view()

    def discard(self) -> None:
        """The held session is not wanted: it is removed."""
        if self._taken is not None:
            self._taken.forget()
            self._taken = None

    def write_view(self) -> None:
        """Writes how the window is arranged now, if that is news."""
        self._timer.stop()
        summary = self._document.summary
        if summary is not None:
            kept = Kept(summary.name, summary.path, summary.sha256, view=self._look())
            if kept != self._kept:
                self._try(lambda place: place.write(kept))
                self._kept = kept

    def close(self, *, unsaved: bool) -> None:
        """Ends the session. It is kept as the last one, in place of those that were.

        Args:
            unsaved: Whether edits that are in no file are kept with it; the user has given them up otherwise.
        """
        self.write_view()
        self.let_go()
        if self._place is not None:
            for one in self.store.found():
                if not one.crashed and not one.unsaved and one.kept.closed != self.together:
                    self.store.forget(one.id)
            self._end(self.together, unsaved and self._history.dirty)

    def leave(self, *, unsaved: bool) -> None:
        """Ends the session of a model in whose place another comes: it is kept only for edits that are in no file."""
        if self._place is not None and unsaved and self._history.dirty:
            self.write_view()
            self._end(uuid.uuid4().hex, unsaved=True)
        elif self._place is not None:
            self._place.forget()
            self._place = None

    def _end(self, closed: str, unsaved: bool) -> None:
        kept = self._kept
        if not unsaved and self._history.dirty:
            self._try(lambda place: place.rewrite(self._last_saved))
        if kept is not None:
            last = Kept(kept.name, kept.path, kept.sha256, closed, unsaved, kept.view)
            self._try(lambda place: place.write(last))
        if self._place is not None:
            self._place.release()
            self._place = None

    def _on_opened(self) -> None:
        """Another model, which has no edits yet. What is held now is held for it."""
        self._place, self._kept = None, None
        self._history = self._last_saved = History()
        summary = self._document.summary
        try:
            self._place = self.store.begin()
        except OSError as error:
            self._tell(error)
        self.write_view()
        if summary is not None and self._taken is None:
            self._offer(summary.sha256)

    def _offer(self, sha256: str) -> None:
        """Tells of unsaved edits of this model; a session without any is settled by opening its model."""
        for one in self.store.found():
            if one.kept.sha256 == sha256 and not one.unsaved:
                self.store.forget(one.id)
            elif one.kept.sha256 == sha256 and self._taken is None:
                found = self.take(one.id)
                if found is not None:
                    self.found.emit(found)

    def _on_edit(self) -> None:
        """Writes what is different between the undo stack and what is known of it."""
        if not isValid(self._document.undo_stack):  # its end is no edit
            return
        lines: list[Line] = []
        if not self._taking:
            lines, self._history = self._news()
        if not self._history.dirty:
            self._last_saved = self._history.as_saved
        if lines and self._place is not None:
            self._try(lambda place: place.append(lines))
            self.touch()

    def _news(self) -> tuple[list[Line], History]:
        """The lines that tell what is new, and all edits with it."""
        stack, recipe = self._document.undo_stack, self._document.recipe
        index, known, lines = stack.index(), self._history, list[Line]()
        as_known = stack.count() == len(known.steps) and known.recipe_at(index) == recipe
        if index > 0 and not as_known:
            step = Step(stack.text(index - 1), recipe)
            lines.append(edit_between(known.recipe_at(index - 1), step, index - 1))
            known = known.with_step(index - 1, step)
        elif index != known.index:
            lines.append(Moved(index))
            known = known.after(lines[-1])
        clean, path = stack.cleanIndex(), self._document.recipe_path
        if (clean, path) != (known.clean, Path(known.path) if known.path else None):
            lines.append(Saved(clean, str(path) if path else None))
            known = known.after(lines[-1])
        return lines, known

    def _try(self, write: Callable[[Place], None]) -> None:
        """Writes, and tells once where that fails."""
        if self._place is None:
            return
        try:
            write(self._place)
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError) -> None:
        logging.getLogger(__name__).warning("the session cannot be kept: %s", error)
        if not self._troubled:
            self._troubled = True
            text = tr("What you do cannot be kept for the case of a crash ({reason}): save the recipe now and then.")
            self.troubled.emit(text.format(reason=error.strerror or str(error)))
