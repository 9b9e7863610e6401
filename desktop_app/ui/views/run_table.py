"""The runs as a table, beside the pictures: it shares their selection."""

from collections.abc import Sequence, Set

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QVBoxLayout, QWidget

from desktop_app.core.trial import Trial
from desktop_app.jobs.history.record import KeptRun
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.plots.axes import BY_ID
from desktop_app.ui.plots.tradeoff import TradeOff
from desktop_app.ui.run_list import RunList
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font
from desktop_app.ui.trial_words import Wording, when

FIGURES = ("size", "speedup", "accuracy", "agreement", "sqnr", "macs")
HEADINGS = (
    Heading("Run", False, "Its number; a filled dot where no other run is better in both figures of the picture"),
    Heading("Size", True, "Of the file"),
    Heading("Speed-up", True, "The original's time over the result's, measured in turns"),
    Heading("Accuracy", True, "On labelled samples that did not calibrate"),
    Heading("Same answers", True, "Share of the samples that get the same answer as before"),
    Heading("SQNR", True, "How near the outputs are to the original's, in decibel"),
    Heading("MACs", True, "Multiply-accumulates for one sample"),
    Heading("File", False, "Whether the model of the run is still there"),
    Heading("When", False, "When the run was over"),
    Heading("Recipe", False, "What was asked of the layers"),
)
FIRST_FIGURE, RECIPE, RECIPE_WIDTH = 1, len(HEADINGS) - 1, 320
LOOKED_AT = 20
"""So many rows say how wide a column must be."""
Flag = QItemSelectionModel.SelectionFlag


class RunTable(QWidget):
    """Lists the runs of a picture.

    Signals:
        load_wanted: The id of the run whose recipe is to be taken.
    """

    load_wanted = Signal(str)

    def __init__(self, document: Document, wording: Wording) -> None:
        super().__init__()
        self._document = document
        self._wording = wording
        self._listed: tuple[object, ...] = ()
        self._cells: dict[str, tuple[KeptRun | None, tuple[Entry, ...]]] = {}
        self._ids: dict[float | str, str] = {}
        self._showing = False
        self.rows = RowsModel(HEADINGS, self)
        self.view = view = table_view(self.rows, tr("Runs of this model"))
        view.setObjectName("runTable")
        view.setFont(numbers_font(view.font()))
        view.setSortingEnabled(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = view.horizontalHeader()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setResizeContentsPrecision(LOOKED_AT)
        header.setSectionResizeMode(RECIPE, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(RECIPE, RECIPE_WIDTH)
        header.setStretchLastSection(True)
        header.sortIndicatorChanged.connect(self._on_sorted)  # after the view has sorted its rows
        view.doubleClicked.connect(self._on_double)
        view.selectionModel().selectionChanged.connect(self._on_selected)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)

    def show_picture(self, picture: TradeOff, runs: RunList) -> None:
        """Lists the runs that the limits leave, in their order, and selects what is selected."""
        best = {dot.trial.id for dot in picture.dots if dot.on_front}
        shown = {dot.trial.id for dot in picture.dots}
        trials = [one for one in runs.trials if one.id in shown or not runs.picture.only_feasible]
        self._ids = {float(place): trial.id for place, trial in enumerate(trials)}
        self._showing = True
        listed = (trials, best, runs.kept)
        if listed != self._listed:
            self._listed = listed
            self._list(trials, best)
        self._select(runs.selected)
        self._showing = False

    def resort(self) -> None:
        """Sorts the rows as the header says, which was told from outside."""
        header = self.view.horizontalHeader()
        self.view.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self._on_sorted()

    def _list(self, trials: Sequence[Trial], best: Set[str]) -> None:
        runs, wording, header = self._document.runs, self._wording, self.view.horizontalHeader()
        kept = {run.id: run for run in runs.kept}
        rows = []
        for place, trial in enumerate(trials):
            run, words = kept.get(trial.id), wording.recipe(trial)
            before, cells = self._cells.get(trial.id, (None, ()))
            if run is None or run != before:
                cells = run_cells(trial, run, words)
                self._cells[trial.id] = run, cells
            rows.append((run_cell(place, trial, words, trial.id in best), *cells))
        self.rows.show(rows)
        self.rows.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        for column in range(FIRST_FIGURE, FIRST_FIGURE + len(FIGURES)):
            self.view.setColumnHidden(column, all(row[column].text == fmt.UNKNOWN for row in rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.currentIndex().isValid():
            self._on_double(self.view.currentIndex())
        else:
            super().keyPressEvent(event)

    def _id(self, row: int) -> str:
        return self._ids[self.rows.rows()[row][0].key]

    def _select(self, run_ids: Sequence[str]) -> None:
        chosen = QItemSelection()
        for row in range(self.rows.rowCount()):
            if self._id(row) in run_ids:
                chosen.select(self.rows.index(row, 0), self.rows.index(row, len(HEADINGS) - 1))
        self.view.selectionModel().select(chosen, Flag.ClearAndSelect)

    def _on_selected(self) -> None:
        if not self._showing:
            self._document.runs.select([self._id(index.row()) for index in self.view.selectionModel().selectedRows()])

    def _on_sorted(self) -> None:
        """Rows have moved below the selection, which Qt keeps by place."""
        self._showing = True
        self._select(self._document.runs.selected)
        self._showing = False

    def _on_double(self, index: QModelIndex) -> None:
        self.load_wanted.emit(self._id(index.row()))


def run_cell(place: int, trial: Trial, words: str, on_front: bool) -> Entry:
    """The cell that names a trial; its key is the trial's place."""
    title = tr("{run} ●") if on_front else tr("{run} ○")
    return Entry(title.format(run=trial.title), float(place), words)


def run_cells(trial: Trial, run: KeptRun | None, words: str) -> tuple[Entry, ...]:
    """The other cells of its row."""
    return (
        *(_figure(trial, name) for name in FIGURES),
        _file(run),
        Entry(fmt.UNKNOWN if run is None else when(run), run.finished if run else 0.0),
        Entry(words, words),
    )


def _figure(trial: Trial, name: str) -> Entry:
    axis = BY_ID[name]
    value = axis.value(trial, trial.original)
    return Entry(fmt.UNKNOWN, -1.0) if value is None else Entry(axis.text(value), value)


def _file(run: KeptRun | None) -> Entry:
    if run is None or not run.has_file:
        return Entry(tr("gone"), 0.0)
    return Entry(tr("kept"), 2.0) if run.pinned else Entry(tr("there"), 1.0)
