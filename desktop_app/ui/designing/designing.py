"""A design as the window knows it: asked for, going on, and what came of it."""

from typing import Literal

from PySide6.QtCore import QObject, Signal

from desktop_app.core.design import Design
from desktop_app.core.progress import Measurement, Progress
from desktop_app.jobs.designs import Designed, DesignStudent
from desktop_app.jobs.messages import Failed
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.live import LiveRun
from desktop_app.ui.settings.measuring import chosen_measuring
from desktop_app.ui.text import tr
from desktop_app.ui.work import Task, Work

Standing = Literal["none", "working", "stopped", "failed", "finished"]


class Designing(QObject):
    """Asks the worker for a student. Who looks at it may come and go: all that is known of it stands here.

    Attributes:
        standing: How it stands.
        design: What was asked for last; None before anything was.
        folder: Where the student is left.
        left: Where one that was stopped has left what it has, to go on with: the folder.
        taught_on: On what the model teaches, a sentence.
        live: How far it is.
        found: The student, once it is there.
        sentence: Why there is none, or what a design that was stopped has left.

    Signals:
        changed: It stands otherwise.
        ended: It has come to its end, of its own or because it was stopped.
        told: A sentence on what was done, for the status line.
    """

    changed = Signal()
    ended = Signal()
    told = Signal(str)

    def __init__(self, document: Document, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._work = document, work
        self.live = LiveRun(self)
        self._forget()
        document.opened.connect(self._on_opened)
        work.progress.connect(self._on_event)
        work.measurement.connect(self._on_event)
        work.failed.connect(self._on_failed)
        work.stopped.connect(self._on_stopped)

    def _forget(self) -> None:
        self.standing: Standing = "none"
        self.design: Design | None = None
        self.folder = self.taught_on = self.left = ""
        self.found: Designed | None = None
        self.sentence = ""
        self._task: Task | None = None

    @property
    def working(self) -> bool:
        """Whether a design goes on."""
        return self.standing == "working"

    def start(self, design: Design, folder: str) -> None:
        """Has a student designed, by the opened model on its data; goes on where the same was stopped."""
        self.design, self.folder, self.found, self.sentence = design, folder, None, ""
        from desktop_app.ui.designing.words import data_words  # as all words, only where something is told

        self.taught_on = data_words(self._document)
        data = operations.prepared_data(self._document)
        request = DesignStudent(self._document.snapshot, design, data, folder, chosen_measuring())
        self._task = Task(request, tr("Designing a student"), self._on_finished)
        self.live.start()
        self._stand("working")
        self._work.ask_first(self._task)

    def stop(self) -> None:
        """Stops it; what was taught is kept for the next time."""
        if self.working:
            self._work.cancel()

    def put_away(self) -> None:
        """The user has read what came of it."""
        if not self.working:
            self.sentence, self.found = "", None
            self._stand("none")

    def _on_event(self, event: Progress | Measurement) -> None:
        if self._task is not None and self._work.current is self._task:
            self.live.report(event)

    def _on_finished(self, found: Designed) -> None:
        self.found = found
        self.told.emit(tr("The student is designed: {path}").format(path=found.path))
        self._end("finished")

    def _on_failed(self, task: Task, failure: Failed) -> None:
        if task is self._task:
            self.sentence = failure.sentence
            self._end("failed")

    def _on_stopped(self, task: Task) -> None:
        if task is self._task:
            from desktop_app.ui.designing.words import stopped_words

            self.sentence = stopped_words([stage.name for stage in self.live.stages], self.folder)
            self._end("stopped")

    def _end(self, standing: Standing) -> None:
        self._task = None
        self.left = self.folder if standing == "stopped" else ""
        self.live.end("done" if standing == "finished" else "stopped")
        self._stand(standing)
        self.ended.emit()

    def _stand(self, standing: Standing) -> None:
        self.standing = standing
        self.changed.emit()

    def _on_opened(self) -> None:
        """Another model has other students."""
        self._forget()
        self.live.forget()
        self.changed.emit()
