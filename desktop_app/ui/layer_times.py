"""The time of every layer: measured when the worker is free, once for each model."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop_app.jobs.measurements import Profiled, ProfileModel
from desktop_app.jobs.messages import Failed, RunFinished
from desktop_app.ui.document import Document
from desktop_app.ui.settings.rows import THREADS
from desktop_app.ui.settings.store import settings
from desktop_app.ui.text import tr
from desktop_app.ui.work import Task, Work


class LayerTimes(QObject):
    """Follows the opened model; a run or an export goes first.

    Args:
        document: Is given the times.
        work: Who is asked, for minutes: what else waits for a free worker is to be told of it before this.
    """

    def __init__(self, document: Document, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._work = document, work
        self._left = ""
        self._threads = 0
        settings().changed.connect(self._on_setting)
        work.changed.connect(self._ask)
        work.failed.connect(self._on_failed)

    def leave(self, snapshot: str) -> None:
        """That model is not measured without being asked for."""
        self._left = snapshot

    def of_run(self, run: RunFinished, then: Callable[[Profiled], None]) -> None:
        """Measures the layers of a run's model."""
        self._work.ask(self._task(run.model, then))

    def _ask(self) -> None:
        snapshot, summary = self._document.snapshot, self._document.summary
        timed = self._document.profile is not None and self._threads == settings().read(THREADS)
        wanted = summary is not None and not summary.runnable and not timed
        if self._work.current is None and wanted and snapshot != self._left:
            self._work.ask(self._task(snapshot, self._on_profiled, quiet=True))

    def _task(self, model: str, then: Callable[[Profiled], None], *, quiet: bool = False) -> Task:
        request = ProfileModel(model, settings().read(THREADS))
        return Task(request, tr("Measuring the time of every layer"), then, quiet=quiet)

    def _on_profiled(self, profiled: Profiled) -> None:
        self._threads = settings().read(THREADS)
        self._document.set_profile(profiled)

    def _on_setting(self, key: str) -> None:
        if key == THREADS.key:
            self._left = ""
            self._ask()

    def _on_failed(self, task: Task, failure: Failed) -> None:
        """It is not tried again."""
        if isinstance(task.request, ProfileModel):
            self._left = task.request.snapshot
