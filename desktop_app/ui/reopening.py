"""Sessions that were kept, brought back: after a crash, or because the user wants to go on where they were."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop_app.core.text import clean_name
from desktop_app.jobs.messages import Failed, OpenModel
from desktop_app.ui.recovery.keeper import Keeper
from desktop_app.ui.recovery.kept import ViewState
from desktop_app.ui.recovery.store import Found
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr
from desktop_app.ui.views.boxes import question
from desktop_app.ui.work import Task

Arrange = Callable[[ViewState], None]


class Reopening(QObject):
    """Brings sessions back into windows.

    Signals:
        another_wanted: A session for a window of its own; its name in the store.
        changed: Other sessions are there to be brought back.
        warned: A sentence: something is not as it was.
    """

    another_wanted = Signal(str)
    changed = Signal()
    warned = Signal(str)

    def __init__(self, window: QWidget, session: Session, keeper: Keeper, arrange: Arrange) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._keeper = keeper
        self._arrange = arrange
        self.sessions = self._look()
        """What can be brought back: what a crash has left, or else the last session."""
        keeper.found.connect(self.offer)
        keeper.troubled.connect(self.warned)
        session.work.failed.connect(self._on_failed)
        session.work.stopped.connect(self._let_go)

    def touch(self) -> None:
        """The window is arranged otherwise; that is kept soon."""
        self._keeper.touch()

    def refresh(self) -> None:
        """Looks again what can be brought back."""
        self.sessions = self._look()
        self.changed.emit()

    def reopen_all(self) -> None:
        """Brings back all that there is."""
        self.reopen([one.id for one in self.sessions])

    def reopen(self, names: Sequence[str]) -> None:
        """Brings sessions back: the first here if this window shows no model, the others in windows of their own."""
        here = 0 if self._session.document.summary is not None else 1
        for name in names[:here]:
            self._reopen_here(name)
        for name in names[here:]:
            self.another_wanted.emit(name)
        self.refresh()

    def discard(self, names: Sequence[str]) -> None:
        """Removes sessions for good."""
        for name in names:
            self._keeper.store.forget(name)
        self.refresh()

    def offer(self, found: Found) -> None:
        """Asks whether to take up the edits of this model that are in no file."""
        text = tr("Your last recipe for this model was not saved. Take it up again?")
        box = question(self._window, "offer", tr("Unsaved recipe"), text)
        take = box.addButton(tr("Take it up"), QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton(tr("Discard it"), QMessageBox.ButtonRole.DestructiveRole)
        later = box.addButton(tr("Ask again later"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(take)
        box.setEscapeButton(later)
        take.clicked.connect(lambda: self._take_up(found))
        discard.clicked.connect(self._keeper.discard)
        later.clicked.connect(self._keeper.let_go)
        box.open()

    def _reopen_here(self, name: str) -> None:
        found = self._keeper.take(name)
        if found is None:
            self.warned.emit(tr("That session is open in another window, or it is gone."))
        elif not Path(found.kept.path).exists():
            self._ask_where(found)
        else:
            self._open(found, found.kept.path)

    def _open(self, found: Found, path: str) -> None:
        self._session.open_model(path, lambda: self._take_up(found))

    def _take_up(self, found: Found) -> None:
        summary = self._session.document.summary
        self._keeper.go_on(found)
        self._arrange(found.kept.view)
        if summary is not None and summary.sha256 != found.kept.sha256:
            text = tr("{name} is not the file that it was: what its recipe says of layers that are gone has no effect.")
            self.warned.emit(text.format(name=clean_name(summary.name)))

    def _ask_where(self, found: Found) -> None:
        """The model is not where it was: the user may know where it is."""
        folder = clean_name(str(Path(found.kept.path).parent))
        text = tr("{name} is no longer in {folder}.").format(name=clean_name(found.kept.name), folder=folder)
        more = tr("Its recipe is still there. Choose where the model is now to go on with it.")
        box = question(self._window, "goneQuestion", tr("Model not found"), text, more)
        find = box.addButton(tr("Find the model…"), QMessageBox.ButtonRole.AcceptRole)
        later = box.addButton(tr("Ask again later"), QMessageBox.ButtonRole.RejectRole)
        box.setEscapeButton(later)
        find.clicked.connect(lambda: self._find(found))
        later.clicked.connect(self._let_go)
        box.open()

    def _find(self, found: Found) -> None:
        chosen = QFileDialog.getOpenFileName(self._window, tr("Open a model"), found.kept.name, "ONNX (*.onnx);;*")[0]
        if chosen:
            self._open(found, chosen)
        else:
            self._let_go()

    def _on_failed(self, task: Task, failure: Failed) -> None:
        self._let_go(task)

    def _let_go(self, task: Task | None = None) -> None:
        """The session stays as it is, for another time."""
        if not isinstance(task, Task) or isinstance(task.request, OpenModel):
            self._keeper.let_go()
            self.refresh()

    def _look(self) -> tuple[Found, ...]:
        found = self._keeper.store.found()
        crashed = tuple(one for one in found if one.crashed)
        last = found[0].kept.closed if found else ""
        return crashed or tuple(one for one in found if one.kept.closed == last)
