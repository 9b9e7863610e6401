"""The candidates of a search as a table, beside the pictures: it shares their selection."""

from collections.abc import Sequence, Set

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QVBoxLayout, QWidget

from desktop_app.core.trial import Trial
from desktop_app.ui import format as fmt
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.plots.axes import BY_ID
from desktop_app.ui.plots.tradeoff import TradeOff
from desktop_app.ui.searching.candidates import Candidates
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font

FIGURES = ("size", "latency", "speedup", "lost", "agreement", "sqnr", "macs")
HEADINGS = (
    Heading("Candidate", False, "Its number; a filled dot where no other is better in both figures of the picture"),
    Heading("Budget", False, "Whether it keeps all limits, as far as it was judged"),
    Heading("Judged", False, "As a draft, or carried out and measured whole"),
    Heading("Size", True, "Of the file"),
    Heading("Latency", True, "Predicted; measured where the candidate was carried out whole"),
    Heading("Speed-up", True, "The original's time over the result's"),
    Heading("Points lost", True, "Points of accuracy, on the samples that judge"),
    Heading("Same answers", True, "Share of the samples that get the same answer as before"),
    Heading("SQNR", True, "How near the outputs are to the original's, in decibel"),
    Heading("MACs", True, "Multiply-accumulates for one sample"),
)
FIRST_FIGURE = 3
LOOKED_AT = 20
Flag = QItemSelectionModel.SelectionFlag


class CandidateTable(QWidget):
    """Lists candidates.

    Signals:
        use_wanted: The recipe of the selected candidate is to be taken.
    """

    use_wanted = Signal()

    def __init__(self, candidates: Candidates) -> None:
        super().__init__()
        self._candidates = candidates
        self._cells: dict[str, tuple[Trial, bool, tuple[Entry, ...]]] = {}
        self._ids: dict[float | str, str] = {}
        self._listed: object = None
        self._measured = 0
        self._names: dict[tuple[str, bool], Entry] = {}
        self._showing = False
        self.rows = RowsModel(HEADINGS, self)
        self.view = view = table_view(self.rows, tr("Candidates of the search"))
        view.setObjectName("candidateTable")
        view.setFont(numbers_font(view.font()))
        view.setSortingEnabled(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = view.horizontalHeader()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)  # columns are not measured at every batch
        header.setResizeContentsPrecision(LOOKED_AT)
        header.setStretchLastSection(True)
        header.sortIndicatorChanged.connect(self._on_sorted)
        view.doubleClicked.connect(self._on_double)
        view.selectionModel().selectionChanged.connect(self._on_selected)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)

    def show_picture(self, picture: TradeOff) -> None:
        """Lists the candidates that a picture shows, in their order, and selects what is selected."""
        best = {dot.trial.id for dot in picture.dots if dot.on_front}
        trials = [dot.trial for dot in picture.dots]
        self._showing = True
        listed = ([id(one) for one in trials], best)
        if listed != self._listed:
            self._listed = listed
            self._list(trials, best)
        self._select(self._candidates.selected)
        self._showing = False

    def select(self) -> None:
        """Selects what is selected elsewhere."""
        self._showing = True
        self._select(self._candidates.selected)
        self._showing = False

    def resort(self) -> None:
        """Sorts the rows as the header says, which was told from outside."""
        header = self.view.horizontalHeader()
        self.view.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self._on_sorted()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.currentIndex().isValid():
            self.use_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _list(self, trials: Sequence[Trial], best: Set[str]) -> None:
        header, scrolled = self.view.horizontalHeader(), self.view.verticalScrollBar().value()
        self._ids = {float(trial.id): trial.id for trial in trials}
        rows = [(self._name(trial, trial.id in best), *self._known(trial)) for trial in trials]
        self.rows.show(rows)
        self.rows.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        for column in range(FIRST_FIGURE, FIRST_FIGURE + len(FIGURES)):
            self.view.setColumnHidden(column, all(row[column].text == fmt.UNKNOWN for row in rows))
        if self._measured < min(len(rows), LOOKED_AT):  # of more rows the columns get no wider
            self._measured = len(rows)
            self.view.resizeColumnsToContents()
        self.view.verticalScrollBar().setValue(scrolled)

    def _name(self, trial: Trial, on_front: bool) -> Entry:
        """The cell that names a candidate, made once."""
        key = trial.id, on_front
        if key not in self._names:
            self._names[key] = _name_cell(trial, on_front)
        return self._names[key]

    def _known(self, trial: Trial) -> tuple[Entry, ...]:
        """The cells of a candidate, made once."""
        keeps, known = self._candidates.kept_by(trial), self._cells.get(trial.id)
        if known is None or known[0] is not trial or known[1] != keeps:
            known = self._cells[trial.id] = trial, keeps, _cells(trial, keeps)
        return known[2]

    def _select(self, ids: Sequence[str]) -> None:
        chosen, wanted, last = QItemSelection(), frozenset(ids), len(HEADINGS) - 1
        for row, cells in enumerate(self.rows.rows() if wanted else ()):
            if self._ids[cells[0].key] in wanted:
                chosen.select(self.rows.index(row, 0), self.rows.index(row, last))
        self.view.selectionModel().select(chosen, Flag.ClearAndSelect)

    def _on_selected(self) -> None:
        if not self._showing:
            rows, chosen = self.rows.rows(), self.view.selectionModel().selectedRows()
            self._candidates.select([self._ids[rows[index.row()][0].key] for index in chosen])

    def _on_sorted(self) -> None:
        """Rows have moved below the selection, which Qt keeps by place."""
        self.select()

    def _on_double(self, index: QModelIndex) -> None:
        self.use_wanted.emit()


def _name_cell(trial: Trial, on_front: bool) -> Entry:
    """The cell that names a candidate; its key is its number."""
    title = tr("{run} ●") if on_front else tr("{run} ○")
    return Entry(title.format(run=trial.title), float(trial.id))


def _cells(trial: Trial, keeps: bool) -> tuple[Entry, ...]:
    judged = Entry(tr("measured"), 1.0) if trial.measured else Entry(tr("draft"), 0.0)
    kept = Entry(tr("kept"), 1.0) if keeps else Entry(tr("missed"), 0.0)
    return (kept, judged, *(_figure(trial, name) for name in FIGURES))


def _figure(trial: Trial, name: str) -> Entry:
    axis = BY_ID[name]
    value = axis.value(trial, trial.original)
    return Entry(fmt.UNKNOWN, -1.0) if value is None else Entry(axis.text(value), value)
