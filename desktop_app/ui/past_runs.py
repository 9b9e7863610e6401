"""The user's errands with runs that are over: each asks the history and puts the answer into the list of runs."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.jobs.history.record import KeptRun
from desktop_app.jobs.history.store import History, Listed
from desktop_app.jobs.messages import RunFinished
from desktop_app.ui import operations
from desktop_app.ui.archive import Archive
from desktop_app.ui.document import Document
from desktop_app.ui.live import LiveRun, Shown
from desktop_app.ui.replay import replay
from desktop_app.ui.run_list import pinned, run_title
from desktop_app.ui.text import tr


class PastRuns(QObject):
    """Ties the list of runs to the history.

    Signals:
        told: A sentence on what was done.
        noted: Sentences on what the user should know of the history.
        failed: A sentence: why something was not done.
    """

    told = Signal(str)
    noted = Signal(tuple)
    failed = Signal(str)

    def __init__(self, document: Document, live: LiveRun, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._live = live
        self._watched: dict[str, Shown] = {}
        self._archive = Archive(history, self)
        self._archive.failed.connect(self.failed)
        self._archive.ask(History.tidy, self._on_notes)
        document.opened.connect(self._on_opened)

    @property
    def folder(self) -> str:
        """Where runs are kept."""
        return str(self._archive.history.folder)

    def add(self, finished: RunFinished) -> None:
        """Adds the run that is just over."""
        kept = self._document.runs.add(finished)
        self._watched[kept.id] = self._live.content()
        if finished.not_kept:
            self.failed.emit(finished.not_kept)
        self.refresh()

    def take(self, kept: KeptRun) -> None:
        """Takes a run that the history has got, and shows it."""
        runs = self._document.runs
        runs.put([*(one for one in runs.kept if not runs.is_loose(one.id)), kept])
        runs.select([kept.id])
        self.show(kept.id)

    def refresh(self) -> None:
        """Looks what the history holds of this model: other windows add and delete, too."""
        summary = self._document.summary
        if summary is not None:
            self._archive.ask(lambda history: history.runs(summary.sha256), partial(self._on_listed, summary.sha256))

    def show(self, run_id: str) -> None:
        """Has results and comparison show a run."""
        self.with_whole([run_id], lambda _: self._show(run_id))

    def load(self, run_id: str) -> None:
        """Takes a run's recipe, which can be undone, and shows the run."""
        run = self._document.runs.get(run_id)
        if run is not None:
            operations.load_run(self._document, run.recipe, run_title(run))
            self.told.emit(tr("The recipe of run {run} is loaded; Undo takes it back.").format(run=run_title(run)))
            self.show(run_id)

    def with_whole(self, run_ids: Sequence[str], then: Callable[[Sequence[RunFinished]], None]) -> None:
        """Calls `then` with runs and their layer tables; those not in memory are read first."""
        runs = self._document.runs
        missing = [one for one in run_ids if runs.whole(one) is None]

        def take(found: list[RunFinished]) -> None:
            at_hand = {one: runs.whole(one) for one in run_ids}
            for one, finished in zip(missing, found, strict=True):
                runs.remember(one, finished)
                at_hand[one] = finished
            then([whole for whole in at_hand.values() if whole is not None])

        if missing:
            self._archive.ask(lambda history: [history.read(one) for one in missing], take)
        else:
            take([])

    def delete(self, run_ids: Sequence[str]) -> None:
        """Removes runs and their files."""
        for run_id in run_ids:
            if self._document.runs.is_loose(run_id):
                self._document.runs.drop(run_id)
            else:
                self._archive.ask(partial(History.delete, run_id=run_id), partial(self._on_deleted, run_id))

    def keep_files(self, run_ids: Sequence[str], keep: bool) -> None:
        """Has the files of runs stay however full the history is, or lets them go when room is needed."""
        runs = self._document.runs
        for run_id in run_ids:
            if not runs.is_loose(run_id):
                self._archive.ask(partial(History.pin, run_id=run_id, pinned=keep), lambda _: None)
        runs.put([pinned(one, keep) if one.id in run_ids else one for one in runs.kept if not runs.is_loose(one.id)])

    def page(self, run_id: str) -> Path:
        """The report of a run, to be opened in a browser."""
        whole = self._document.runs.whole(run_id)
        if self._document.runs.is_loose(run_id) and whole is not None:
            return Path(whole.model).with_name("report.html")
        return self._archive.history.page(run_id)

    def shutdown(self) -> None:
        """Ends when what was asked is done."""
        self._archive.shutdown()

    def _show(self, run_id: str) -> None:
        runs = self._document.runs
        finished, kept = runs.whole(run_id), runs.get(run_id)
        if finished is not None and kept is not None:
            runs.show(run_id, finished)
            self._live.show(self._watched.get(run_id) or replay(finished.report))

    def _on_opened(self) -> None:
        self._watched.clear()
        self.refresh()

    def _on_listed(self, sha256: str, listed: Listed) -> None:
        summary = self._document.summary
        if summary is not None and summary.sha256 == sha256:
            self._document.runs.put(listed.runs)
            self._on_notes(listed.notes)

    def _on_deleted(self, run_id: str, _: None) -> None:
        self._document.runs.drop(run_id)

    def _on_notes(self, notes: tuple[str, ...]) -> None:
        if notes:
            self.noted.emit(notes)
