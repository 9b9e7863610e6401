"""Commands on the selected runs: some ask first, some open something else."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget
from shiboken6 import isValid

from desktop_app.jobs.measurements import Profiled
from desktop_app.jobs.messages import RunFinished
from desktop_app.ui.run_list import run_title
from desktop_app.ui.session import Session
from desktop_app.ui.text import plural, tr
from desktop_app.ui.views.boxes import question

if TYPE_CHECKING:
    from desktop_app.ui.dialogs.compare_runs import CompareRunsDialog


class RunErrands(QObject):
    """What the window does with runs that are over."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._document = session.document
        self._past = session.past

    def load(self) -> None:
        """Takes the recipe of the selected run."""
        for run_id in self._document.runs.selected[:1]:
            self._past.load(run_id)

    def open_report(self) -> None:
        """Opens the report of the selected run in the browser."""
        for run_id in self._document.runs.selected[:1]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._past.page(run_id))))

    def keep_files(self) -> None:
        """Keeps the files of the selected runs for good; lets them go again if all of them are."""
        chosen = [run for run in self._document.runs.kept if run.id in self._document.runs.selected]
        self._past.keep_files([run.id for run in chosen], not all(run.pinned for run in chosen))

    def compare(self) -> None:
        """Opens the comparison of the selected runs."""
        runs = self._document.runs
        chosen = [run.id for run in runs.kept if run.id in runs.selected]
        self._past.with_whole(chosen, self._show_comparison)

    def delete(self) -> None:
        """Asks whether to delete the selected runs."""
        runs = self._document.runs
        chosen = [run for run in runs.kept if run.id in runs.selected]
        names = ", ".join(run_title(run) for run in chosen)
        text = plural(
            len(chosen),
            "Delete run {names} with its recipe, report and file? This cannot be undone.",
            "Delete the runs {names} with their recipes, reports and files? This cannot be undone.",
            names=names,
        )
        box = question(self._window, "deleteQuestion", tr("Delete runs"), text)
        delete = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole))
        ids = [run.id for run in chosen]
        delete.clicked.connect(lambda: self._past.delete(ids))
        box.open()

    def _show_comparison(self, runs: Sequence[RunFinished]) -> None:
        from desktop_app.ui.dialogs.compare_runs import CompareRunsDialog

        document = self._document
        titles = [run_title(kept) for kept in document.runs.kept if document.runs.whole(kept.id) in runs]
        dialog = CompareRunsDialog(document, titles, runs, self._window)
        dialog.times_wanted.connect(partial(self._measure, dialog, runs))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _measure(self, dialog: "CompareRunsDialog", runs: Sequence[RunFinished]) -> None:
        """Has the layers of runs timed, one run after another."""

        def show(place: int, profiled: Profiled) -> None:
            if isValid(dialog):  # it may be closed before the worker answers
                dialog.show_times(place, profiled.profile)

        for place, run in enumerate(runs):
            self._session.times.of_run(run, partial(show, place))
