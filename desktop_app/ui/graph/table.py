"""The table beside the graph: what is to be seen, for who would rather read it."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from desktop_app.core.layout.nested import Scene
from desktop_app.ui.graph.looks import Looks
from desktop_app.ui.graph.rows import HEADINGS, box_rows
from desktop_app.ui.graph.state import GraphState
from desktop_app.ui.items.rows_model import RowsModel, table_view
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font

WIDTHS = (150, 110, 100, 76, 90, 170)


class BoxTable(QWidget):
    """Lists the boxes of the graph.

    Signals:
        chosen: The user went to the row of a box; its number.
    """

    chosen = Signal(int)

    def __init__(self, state: GraphState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._rows = RowsModel(HEADINGS, self)
        self.view = table_view(self._rows, tr("Boxes of the graph"))
        self.view.setObjectName("graphTable")
        self.view.setFont(numbers_font(self.view.font()))
        self.view.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.view.setSortingEnabled(True)
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        header.setStretchLastSection(True)
        self._following = False
        self._boxes: tuple[int, ...] = ()
        self.view.selectionModel().currentRowChanged.connect(self._on_row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)

    def clear(self) -> None:
        """Lists nothing."""
        self._boxes = ()
        self._rows.show([])

    def show_boxes(self, looks: Looks, scene: Scene) -> None:
        """Lists these boxes."""
        self._following = True
        header = self.view.horizontalHeader()
        self._boxes = scene.boxes
        self._rows.show(box_rows(self._state, looks, scene))
        self._rows.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self._following = False

    def choose(self, number: int) -> None:
        """Shows the row of a box."""
        if not self.isVisible():
            return
        for row in range(self._rows.rowCount()):
            if self._box(row) == number:
                self._following = True
                self.view.setCurrentIndex(self._rows.index(row, 0))
                self._following = False
                return

    def _on_row(self, current: QModelIndex, before: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self.chosen.emit(self._box(current.row()))

    def _box(self, row: int) -> int:
        """The box that a row is about; rows may be sorted by any column."""
        return self._boxes[int(self._rows.rows()[row][0].key)]
