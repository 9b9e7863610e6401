"""Commands on a search that ask the user something, or do several things one after another."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from desktop_app.core.budget import Budget
from desktop_app.core.extras import why_no_torch
from desktop_app.core.judged import Judged
from desktop_app.core.text import clean_name
from desktop_app.jobs.searches import (
    BudgetRead,
    BudgetWritten,
    ReadBudget,
    SearchSized,
    SizeSearch,
    WriteBudget,
)
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.following import Following
from desktop_app.ui.searching.asked import asked_before, remember
from desktop_app.ui.searching.trials import title_of
from desktop_app.ui.session import Session
from desktop_app.ui.text import plural, tr
from desktop_app.ui.work import Task

if TYPE_CHECKING:
    from desktop_app.ui.dialogs.search import SearchFacts

BUDGETS = "YAML (*.yaml *.yml)"


class SearchErrands(QObject):
    """What the window does when commands on a search are chosen.

    Args:
        window: Over which dialogs are shown.
        session: Whose search it is.
        export: Opens the export dialog of the run that is shown.
    """

    def __init__(self, window: QWidget, session: Session, export: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._session, self._export = window, session, export
        self._document = session.document

    def ask(self) -> None:
        """Opens the dialog that asks what is needed."""
        from desktop_app.ui.dialogs.search import SearchDialog

        summary, search = self._document.summary, self._session.search
        if summary is None:
            return
        budget = search.budget or asked_before(summary.sha256) or search.usual
        dialog = SearchDialog(budget, facts_of(self._document), self._window)

        def show(sized: SearchSized) -> None:
            if isValid(dialog):  # who is quick has closed it before the worker answers
                dialog.show_size(sized)

        def own(task: Task) -> bool:
            return isinstance(task.request, SizeSearch)

        def start(asked: Budget) -> None:
            remember(summary.sha256, asked)
            search.start(asked)

        def open_file() -> None:
            path = QFileDialog.getOpenFileName(self._window, tr("Open a budget"), "", BUDGETS)[0]
            if path:
                self._read(path, lambda read: dialog.show_budget(read) if isValid(dialog) else None)

        dialog.size_wanted.connect(lambda asked: search.size(asked, show))
        dialog.search_wanted.connect(start)
        dialog.open_wanted.connect(open_file)
        dialog.save_wanted.connect(self._save)
        Following(dialog, self._session.work, own, dialog.show_failure)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        dialog.look()

    def use(self) -> None:
        """Takes the recipe of the selected candidate, in one edit."""
        judged = self._selected()
        if judged is not None:
            operations.load_candidate(self._document, self._session.search.recipe(judged), title_of(judged))
            text = tr("The recipe of candidate {candidate} is loaded; Undo takes it back.")
            self._session.told.emit(text.format(candidate=title_of(judged)))

    def export(self) -> None:
        """Carries the selected candidate out whole, and exports what comes of it; a run that there is, is exported."""
        judged, search = self._selected(), self._session.search
        if judged is None:
            return
        self.use()
        found = search.found
        kept = found.kept if found is not None and found.best.number == judged.number else None
        if kept is not None and self._document.runs.get(kept.id) is not None:
            self._session.past.with_whole([kept.id], lambda _: self._export_run(kept.id))
        else:
            self._session.run(self._export)

    def _export_run(self, run_id: str) -> None:
        self._session.past.show(run_id)
        self._export()

    def _selected(self) -> Judged | None:
        candidates = self._session.search.candidates
        return candidates.found(candidates.selected[0]) if len(candidates.selected) == 1 else None

    def _read(self, path: str, then: Callable[[Budget], None]) -> None:
        def take(read: BudgetRead) -> None:
            then(read.budget)

        self._session.work.ask_first(Task(ReadBudget(path), tr("Reading the budget"), take))

    def _save(self, budget: Budget) -> None:
        suggested = (
            str(Path.home() / f"{Path(self._document.summary.name).stem}-budget.yaml")
            if (self._document.summary)
            else ""
        )
        path = QFileDialog.getSaveFileName(self._window, tr("Save the budget"), suggested, BUDGETS)[0]

        def note(written: BudgetWritten) -> None:
            self._session.told.emit(tr("The budget is saved in {path}.").format(path=written.path))

        if path:
            asked = self._session.search.with_data(budget)
            self._session.work.ask_first(Task(WriteBudget(path, asked), tr("Saving the budget"), note))


def facts_of(document: Document) -> "SearchFacts":
    """What the dialog on a search must know of a document."""
    from desktop_app.ui.dialogs.search import SearchFacts
    from desktop_app.ui.views.recover import labels_why_not  # late: its file brings a dialog along

    now: dict[str, float] = {"speedup": 1.0}
    summary, profile = document.summary, document.profile
    if summary is not None:
        now |= {"bytes": float(summary.bytes), "macs": float(summary.cost.macs)}
    if profile is not None:
        now["latency_ms"] = profile.total_ms
    return SearchFacts(now, {"max_drop": labels_why_not(document)}, why_no_torch(), _data_words(document))


def _data_words(document: Document) -> str:
    path, data = document.recipe.data.path, document.data
    if path is None:
        return tr("No data: candidates are judged on made-up samples. Choose data for figures to trust.")
    name = clean_name(Path(path).name, 40)
    if data is None:
        return tr("Candidates are judged on {name}.").format(name=name)
    return plural(
        data.calibration,
        "Candidates are judged on one sample of {name}, the best on others.",
        "Candidates are judged on {count} samples of {name}, the best on others.",
        name=name,
    )
