"""The left side: the filter line and the tree below it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop_app.ui.document import Document
from desktop_app.ui.items.cells import knob_cell
from desktop_app.ui.items.columns import COLUMNS, Column
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.items.tree_model import LayerTreeModel
from desktop_app.ui.saving import Savable
from desktop_app.ui.tables import Rows
from desktop_app.ui.text import Words, as_tooltip, plural, tr
from desktop_app.ui.theme import numbers_font
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.tree import LayerTree
from desktop_app.ui.views.tree_memory import TreeState

WAIT_MS = 150
HELP: Words = "Words in the name, op:Conv, >5% time (size, params, macs), bits:8, changed, locked, refused"


class TreePanel(QWidget):
    """Filters the tree as the user types."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("treePanel")
        self._model = LayerTreeModel(document, self)
        self._document = document
        self.tree = LayerTree(self._model, self)
        self.tree.setFont(numbers_font(self.tree.font()))
        self.filter_line = QLineEdit()
        self.filter_line.setObjectName("filterEdit")
        self.filter_line.setPlaceholderText(tr("Filter:  conv   op:Conv   >5% time   refused"))
        self.filter_line.setToolTip(as_tooltip(tr(HELP)))
        self.filter_line.setAccessibleName(tr("Filter layers"))
        self.filter_line.setClearButtonEnabled(True)
        self._count = label(quiet=True)
        self._count.setObjectName("filterCount")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._filter)
        self.filter_line.textChanged.connect(lambda: self._timer.start())
        self.filter_line.returnPressed.connect(self._filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(10, 9, 10, 7)
        top.setSpacing(4)
        top.addWidget(self.filter_line)
        top.addWidget(self._count)
        layout.addLayout(top)
        layout.addWidget(self.tree, 1)
        Savable(self, tr("Layers"), table=self._layer_rows, menus_on=(self.tree,))
        self._count.setVisible(False)
        document.opened.connect(self._on_opened)
        if document.summary is not None:
            self._on_opened()

    def find_layers(self) -> None:
        """Puts the cursor into the filter line."""
        self.filter_line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_line.selectAll()

    def memory(self) -> tuple[str, TreeState]:
        """What is asked of the layers, and how the tree looks."""
        return self.filter_line.text(), self.tree.look()

    def recall(self, memory: tuple[str, TreeState]) -> None:
        """Filters as before; the tree looks as it did."""
        text, state = memory
        self.tree.take(state)
        if text:
            self.filter_line.setText(text)
            self._filter()

    def _layer_rows(self) -> Rows:
        """The layers that the tree holds, with their whole names; scopes are left out, for they only sum up."""
        columns = [column for place, column in enumerate(COLUMNS) if place and not self.tree.isColumnHidden(place)]
        rows = [[tr(COLUMNS[0].title), *(tr(column.title) for column in columns)]]
        for layer in self._model.root.layers:
            node = Node(layer.name, (layer.name,), layer=layer, layers=[layer])
            rows.append([layer.name, *(self._cell(node, column) for column in columns)])
        return rows

    def _cell(self, node: Node, column: Column) -> str:
        if column.id == "lock":
            return tr("locked") if column.key(self._document, node) else ""
        return knob_cell(self._document, node, column.knob).text if column.knob else column.text(self._document, node)

    def _on_opened(self) -> None:
        self.filter_line.clear()
        self._timer.stop()
        self._count.setVisible(not self._document.layers)
        self._count.setText(tr("No layer of this model owns weights: there is nothing to compress."))

    def _filter(self) -> None:
        self._timer.stop()
        self.tree.filter(self.filter_line.text())
        shown, every = len(self._model.root.layers), len(self._document.layers)
        self._count.setVisible(self._model.filtered)
        self._count.setText(plural(every, "{shown} of one layer", "{shown} of {count} layers", shown=shown))
