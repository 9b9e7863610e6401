"""A table of finished rows, for the tables beside the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop_app.ui.text import Words, as_tooltip, tr

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Heading:
    """A column: its title, whether it holds numbers, and what it tells, in a sentence."""

    title: Words
    numeric: bool = True
    tip: Words = ""


@dataclass(frozen=True)
class Entry:
    """A cell: what it shows, by what it is sorted, and what its tooltip adds."""

    text: str
    key: float | str = ""
    tip: str = ""


class RowsModel(QAbstractTableModel):
    """Rows of entries below fixed headings, sorted by the entries' keys."""

    # Qt may ask for them while Python takes the object apart
    _headings: Sequence[Heading] = ()
    _rows: Sequence[tuple[Entry, ...]] = ()

    def __init__(self, headings: Sequence[Heading], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = headings

    def show(self, rows: Sequence[tuple[Entry, ...]]) -> None:
        """Replaces all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rows(self) -> Sequence[tuple[Entry, ...]]:
        """The rows in the order in which they are shown."""
        return self._rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        entry = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tooltip(entry.tip or entry.text)
        return self._alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self._headings):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(self._headings[section].title)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tooltip(tr(self._headings[section].tip))
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column >= 0:
            self.layoutAboutToBeChanged.emit()
            down = order == Qt.SortOrder.DescendingOrder
            self._rows = sorted(self._rows, key=lambda row: row[column].key, reverse=down)
            self.layoutChanged.emit()

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if self._headings[column].numeric else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


def table_view(model: RowsModel, name: str, parent: QWidget | None = None) -> QTableView:
    """A quiet table of such rows: no grid, whole rows, the first column takes the room that is left."""
    view = QTableView(parent)
    view.setModel(model)
    view.setAccessibleName(name)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setAlternatingRowColors(True)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 8)
    view.horizontalHeader().setHighlightSections(False)
    view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    view.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return view
