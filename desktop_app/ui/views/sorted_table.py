"""A table of finished rows that the user sorts by its headings."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.theme import numbers_font


class SortedTable(QWidget):
    """Shows rows as the header says; in their own order, as long as it says nothing.

    Args:
        headings: Its columns.
        name: The object name of the view.
        title: The accessible name of the view.

    Attributes:
        rows: The model.
        view: What shows it; a subclass may add to the layout around it.
    """

    def __init__(self, headings: Sequence[Heading], *, name: str, title: str) -> None:
        super().__init__()
        self.rows = RowsModel(headings, self)
        self.view = table_view(self.rows, title)
        self.view.setObjectName(name)
        self.view.setFont(numbers_font(self.view.font()))
        self.view.setSortingEnabled(True)
        self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.view, 1)

    def list_rows(self, rows: Sequence[tuple[Entry, ...]]) -> None:
        """Replaces all rows."""
        header = self.view.horizontalHeader()
        self.rows.show(rows)
        self.rows.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
