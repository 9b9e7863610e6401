"""Trials as a table, beside the pictures: it shares their selection."""

from abc import abstractmethod
from collections.abc import Sequence, Set

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView

from desktop_app.core.trial import Trial
from desktop_app.ui import format as fmt
from desktop_app.ui.items.rows_model import Entry, Heading
from desktop_app.ui.plots.axes import BY_ID
from desktop_app.ui.plots.tradeoff import TradeOff
from desktop_app.ui.text import tr
from desktop_app.ui.trial_list import TrialList
from desktop_app.ui.views.sorted_table import SortedTable

LOOKED_AT = 20
"""So many rows say how wide a column must be."""
Flag = QItemSelectionModel.SelectionFlag


class TrialTable(SortedTable):
    """Lists trials, a row each. A subclass says which, and what its cells are.

    Args:
        trials: Whose selection it shares.
        headings: Its columns.
        figures: Which of them are hidden where no trial has a figure.
        name: The object name of the view.
        title: The accessible name of the view.

    Signals:
        recipe_wanted: The id of the trial whose recipe is to be taken.
    """

    recipe_wanted = Signal(str)

    def __init__(
        self, trials: TrialList, headings: Sequence[Heading], figures: range, *, name: str, title: str
    ) -> None:
        super().__init__(headings, name=name, title=title)
        self._list, self._figures, self._last = trials, figures, len(headings) - 1
        self._shown: tuple[Sequence[Trial], Set[str]] | None = None
        self._ids: dict[float | str, str] = {}
        self._showing = False
        view, header = self.view, self.view.horizontalHeader()
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header.setResizeContentsPrecision(LOOKED_AT)
        header.setStretchLastSection(True)
        header.sortIndicatorChanged.connect(self.select)  # after the view has sorted its rows
        view.doubleClicked.connect(self._on_double)
        view.selectionModel().selectionChanged.connect(self._on_selected)

    def show_picture(self, picture: TradeOff) -> None:
        """Lists trials, in their order, and selects what is selected."""
        best = {dot.trial.id for dot in picture.dots if dot.on_front}
        trials = self._trials_of(picture)
        self._showing = True  # resetting the rows takes the selection from them
        if self._shown is None or best != self._shown[1] or [*map(id, trials)] != [*map(id, self._shown[0])]:
            self._shown = trials, best
            self._fill(trials, best)
        self.select()

    def select(self) -> None:
        """Selects what is selected elsewhere; rows may have moved below the selection, which Qt keeps by place."""
        chosen, wanted = QItemSelection(), frozenset(self._list.selected)
        for row, cells in enumerate(self.rows.rows() if wanted else ()):
            if self._ids[cells[0].key] in wanted:
                chosen.select(self.rows.index(row, 0), self.rows.index(row, self._last))
        self._showing = True
        self.view.selectionModel().select(chosen, Flag.ClearAndSelect)
        self._showing = False

    def resort(self) -> None:
        """Sorts the rows as the header says, which was told from outside."""
        header = self.view.horizontalHeader()
        self.view.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self.select()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.currentIndex().isValid():
            self._on_double(self.view.currentIndex())
        else:
            super().keyPressEvent(event)

    def _fill(self, trials: Sequence[Trial], best: Set[str]) -> None:
        rows = [(self._name(place, one, one.id in best), *self._cells(one)) for place, one in enumerate(trials)]
        self._ids = {row[0].key: trial.id for row, trial in zip(rows, trials, strict=True)}
        self.list_rows(rows)
        for column in self._figures:
            self.view.setColumnHidden(column, all(row[column].text == fmt.UNKNOWN for row in rows))

    @abstractmethod
    def _trials_of(self, picture: TradeOff) -> Sequence[Trial]:
        """Which trials are listed beside a picture; an object that is known otherwise is another object."""

    @abstractmethod
    def _name(self, place: int, trial: Trial, on_front: bool) -> Entry:
        """The cell that names a trial; its key is that of no other."""

    @abstractmethod
    def _cells(self, trial: Trial) -> tuple[Entry, ...]:
        """The other cells of its row."""

    def _id(self, row: int) -> str:
        return self._ids[self.rows.rows()[row][0].key]

    def _on_selected(self) -> None:
        if not self._showing:
            self._list.select([self._id(index.row()) for index in self.view.selectionModel().selectedRows()])

    def _on_double(self, index: QModelIndex) -> None:
        self.recipe_wanted.emit(self._id(index.row()))


def name_cell(trial: Trial, key: float, on_front: bool, tip: str = "") -> Entry:
    """The cell that names a trial, with a filled dot where no other is better."""
    title = tr("{run} ●") if on_front else tr("{run} ○")
    return Entry(title.format(run=trial.title), key, tip)


def figure_cells(trial: Trial, names: Sequence[str]) -> tuple[Entry, ...]:
    """Cells of figures, by the ids of their axes."""
    values = ((BY_ID[name], BY_ID[name].value(trial, trial.original)) for name in names)
    return tuple(
        Entry(fmt.UNKNOWN, -1.0) if value is None else Entry(axis.text(value), value) for axis, value in values
    )
