"""What is asked before a model goes: about the work that is going on, and about edits that are in no file."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget

from desktop_app.core.text import clean_name
from desktop_app.jobs.conversions import ConvertModel
from desktop_app.jobs.designs import DesignStudent
from desktop_app.jobs.exports import ExportModel
from desktop_app.jobs.measurements import MeasureSensitivity
from desktop_app.jobs.messages import Failed, RunRecipe
from desktop_app.jobs.recipes import WriteRecipe
from desktop_app.jobs.searches import SearchModel
from desktop_app.ui.recipe_file import RECIPES, suggested_path
from desktop_app.ui.session import Session
from desktop_app.ui.settings.rows import ASK_UNSAVED
from desktop_app.ui.settings.store import settings
from desktop_app.ui.text import tell, tr
from desktop_app.ui.views.boxes import question
from desktop_app.ui.work import Task

WORK = (RunRecipe, ExportModel, ConvertModel, MeasureSensitivity, SearchModel, DesignStudent)
"""What the user waits for, and would not want to lose by a slip of the hand."""


class Leaving(QObject):
    """Lets a model go, or not.

    Signals:
        stayed: The user wants to stay after all.
    """

    stayed = Signal()

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self.given_up = False
        """Whether the user has said that edits which are in no file may go."""
        self._window = window
        self._session = session
        self._document = session.document
        self._then: Callable[[], None] | None = None
        session.work.failed.connect(self._on_failed)
        session.work.stopped.connect(self._on_stopped)

    @property
    def working(self) -> bool:
        """Whether something is going on that would be lost."""
        task = self._session.work.wanted
        return task is not None and isinstance(task.request, WORK)

    @property
    def _task(self) -> str:
        """What is going on, as the user was told."""
        task = self._session.work.wanted
        return tell(task.title) if task is not None else ""

    @property
    def unsaved(self) -> bool:
        """Whether there are edits to ask about. Who is not asked finds them again when the model is opened."""
        return self._document.dirty and settings().read(ASK_UNSAVED)

    def ask(self, then: Callable[[], None]) -> None:
        """Does `then` once nothing is lost by it, or the user wants it all the same; asks only if there is need."""
        self._then, self.given_up = then, False
        if self.unsaved:
            self._ask_about_edits()
        elif self.working:
            self._ask_about_work()
        else:
            self._go()

    def _ask_about_edits(self) -> None:
        name = clean_name(self._document.summary.name) if self._document.summary else ""
        text = tr("The recipe for {name} has changes that are not saved.").format(name=name)
        more = tr("{task}: it will be stopped.").format(task=self._task) if self.working else ""
        box = question(self._window, "unsavedQuestion", tr("Unsaved changes"), text, more)
        save = self._button(box, tr("Save"), QMessageBox.ButtonRole.AcceptRole, self._save)
        self._button(box, tr("Don't save"), QMessageBox.ButtonRole.DestructiveRole, self._give_up)
        cancel = self._button(box, tr("Cancel"), QMessageBox.ButtonRole.RejectRole, self._stay)
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        box.open()

    def _ask_about_work(self) -> None:
        text = tr("{task}: stop it and close the window? Your recipe is kept.").format(task=self._task)
        box = question(self._window, "closeQuestion", tr("Close"), text)
        self._button(box, tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole, self._go)
        keep = self._button(box, tr("Keep running"), QMessageBox.ButtonRole.RejectRole, self._stay)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.open()

    def _button(
        self, box: QMessageBox, text: str, role: QMessageBox.ButtonRole, chosen: Callable[[], None]
    ) -> QPushButton:
        button = box.addButton(text, role)
        button.clicked.connect(chosen)
        return button

    def _save(self) -> None:
        path = str(self._document.recipe_path or "")
        if not path:
            suggested = str(suggested_path(self._document))
            path = QFileDialog.getSaveFileName(self._window, tr("Save the recipe"), suggested, RECIPES)[0]
        if path:
            self._session.stop()  # a run would have to end before the worker writes
            self._session.write_recipe(path, lambda: QTimer.singleShot(0, self._go))
        else:
            self._stay()

    def _give_up(self) -> None:
        self.given_up = True
        self._go()

    def _go(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            if self._session.running:
                self._session.stop()
                self._session.live.end("stopped")
            then()

    def _stay(self) -> None:
        if self._then is not None:
            self._then = None
            self.stayed.emit()

    def _on_failed(self, task: Task, failure: Failed) -> None:
        """What was not saved does not go."""
        if isinstance(task.request, WriteRecipe):
            self._stay()

    def _on_stopped(self, task: Task) -> None:
        if isinstance(task.request, WriteRecipe):
            self._stay()
