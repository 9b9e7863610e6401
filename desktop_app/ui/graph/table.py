"""The table beside the graph: what is to be seen, for who would rather read it."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView

from desktop_app.core.layout.nested import Scene
from desktop_app.ui.graph.looks import Looks
from desktop_app.ui.graph.rows import HEADINGS, box_rows
from desktop_app.ui.graph.state import GraphState
from desktop_app.ui.text import tr
from desktop_app.ui.views.sorted_table import SortedTable

WIDTHS = (150, 110, 100, 76, 90, 170)


class BoxTable(SortedTable):
    """Lists the boxes of the graph.

    Signals:
        chosen: The user went to the row of a box; its number.
    """

    chosen = Signal(int)

    def __init__(self, state: GraphState) -> None:
        super().__init__(HEADINGS, name="graphTable", title=tr("Boxes of the graph"))
        self._state = state
        header = self.view.horizontalHeader()
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        header.setStretchLastSection(True)
        self._following = False
        self._boxes: tuple[int, ...] = ()
        self.view.selectionModel().currentRowChanged.connect(self._on_row)

    def clear(self) -> None:
        """Lists nothing."""
        self._boxes = ()
        self.rows.show([])

    def show_boxes(self, looks: Looks, scene: Scene) -> None:
        """Lists these boxes."""
        self._following = True
        self._boxes = scene.boxes
        self.list_rows(box_rows(self._state, looks, scene))
        self._following = False

    def choose(self, number: int) -> None:
        """Shows the row of a box."""
        if not self.isVisible():
            return
        for row in range(self.rows.rowCount()):
            if self._box(row) == number:
                self._following = True
                self.view.setCurrentIndex(self.rows.index(row, 0))
                self._following = False
                return

    def _on_row(self, current: QModelIndex, before: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self.chosen.emit(self._box(current.row()))

    def _box(self, row: int) -> int:
        """The box that a row is about; rows may be sorted by any column."""
        return self._boxes[int(self.rows.rows()[row][0].key)]
