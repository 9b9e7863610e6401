"""What the recipe's data source holds: asked of the worker when it is free, once for each source."""

from PySide6.QtCore import QObject

from desktop_app.core.data import DataSettings
from desktop_app.jobs.previews import DataPreview, PreviewData
from desktop_app.ui.document import Document
from desktop_app.ui.text import tr
from desktop_app.ui.work import Task, Work

Source = tuple[str, DataSettings, int]
"""The model's snapshot, the data as the recipe names them, and the seed of their order."""


class KnownData(QObject):
    """Follows the recipe, however its data came there: by the dialog, a file, a past run or an undone edit.

    Args:
        document: Is given what is found; what was found of another source is taken from it.
        work: Who is asked.
    """

    def __init__(self, document: Document, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._work = document, work
        self._asked: Source | None = None
        self._request: PreviewData | None = None
        document.opened.connect(self._follow)
        document.recipe_changed.connect(self._follow)
        work.changed.connect(self._ask)
        work.stopped.connect(self._on_stopped)

    def give_up(self) -> None:
        """The user stops what is done: this source is not looked at again."""
        self._request = None

    def _source(self) -> Source:
        return self._document.snapshot, self._document.recipe.data, self._document.recipe.seed

    def _follow(self) -> None:
        if self._asked is not None and self._asked != self._source():
            self._asked = self._request = None
            if self._document.data is not None:
                self._document.set_data(None)
        self._ask()

    def _ask(self) -> None:
        source = self._source()
        named = self._document.summary is not None and source[1].path is not None
        if not named or self._work.current is not None or source == self._asked:
            return
        self._asked, self._request = source, PreviewData(*source, count=0)

        def take(preview: DataPreview) -> None:
            if source == self._asked:
                self._document.set_data(preview)

        self._work.ask(Task(self._request, tr("Looking at the data"), take, quiet=True))

    def _on_stopped(self, task: Task) -> None:
        """Another errand went first: the data are looked at after it."""
        if task.request is self._request:
            self._asked = self._request = None
