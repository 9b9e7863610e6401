"""Dialogs that wait for the worker: they hear of what they have asked for, and of nothing else that goes on."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from desktop_app.core.progress import Progress
from desktop_app.jobs.messages import Failed
from desktop_app.ui.work import Task, Work


class Following(QObject):
    """Follows the tasks of one dialog, and goes with it.

    Args:
        dialog: Who is told.
        work: What goes on; quiet work among it, of which the dialog knows nothing.
        own: Whether a task is the dialog's.
        failed: Is given why one failed, a sentence.
        progress: Is given how far one is.
    """

    def __init__(
        self,
        dialog: QDialog,
        work: Work,
        own: Callable[[Task], bool],
        failed: Callable[[str], None],
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        super().__init__(dialog)
        self._work, self._own = work, own
        self._failed, self._progress = failed, progress
        work.failed.connect(self._on_failed)
        work.progress.connect(self._on_progress)

    def _on_failed(self, task: Task, failure: Failed) -> None:
        if self._own(task):
            self._failed(failure.sentence)

    def _on_progress(self, progress: Progress) -> None:
        task = self._work.current
        if self._progress is not None and task is not None and self._own(task):
            self._progress(progress)
