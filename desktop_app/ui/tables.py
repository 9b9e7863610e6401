"""What a table shows, as rows of text with the headings above them."""

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QTreeView

from desktop_app.core.cells import csv_text, tabbed

Rows = list[list[str]]


def rows_of(view: QAbstractItemView) -> Rows:
    """Headings and rows of a table or tree in the order in which they stand; columns that are hidden are left out."""
    header = _header(view)
    model = view.model()
    order = range(model.columnCount())
    columns = sorted(order, key=header.visualIndex) if header is not None else list(order)
    shown = [column for column in columns if header is None or not header.isSectionHidden(column)]
    titles = [_text(model.headerData(column, Qt.Orientation.Horizontal)) for column in shown]
    return [titles, *_rows_below(model, QModelIndex(), shown)]


def for_clipboard(rows: Rows) -> QMimeData:
    """Rows as programs paste them."""
    data = QMimeData()
    data.setText(tabbed(rows))
    data.setData("text/csv", csv_text(rows).encode())
    return data


def _rows_below(model: QAbstractItemModel, parent: QModelIndex, columns: list[int]) -> Rows:
    found: Rows = []
    for row in range(model.rowCount(parent)):
        found.append([_text(model.index(row, column, parent).data()) for column in columns])
        found += _rows_below(model, model.index(row, 0, parent), columns)
    return found


def _header(view: QAbstractItemView) -> QHeaderView | None:
    if isinstance(view, QTableView):
        return view.horizontalHeader()
    return view.header() if isinstance(view, QTreeView) else None


def _text(value: object) -> str:
    return "" if value is None else str(value)
