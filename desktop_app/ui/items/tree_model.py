"""The layer table as a Qt model: rows are made when the view asks for them."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop_app.core.collector import collector_paused
from desktop_app.core.layer import Layer
from desktop_app.core.settings import KNOBS
from desktop_app.ui.document import Document
from desktop_app.ui.explanations import explained
from desktop_app.ui.filters import Condition, holds, parse
from desktop_app.ui.heat import BY_RECIPE, KINDS, tip_of
from desktop_app.ui.items.cells import Cell, knob_cell
from desktop_app.ui.items.columns import COLUMNS, INDEX
from desktop_app.ui.items.layer_facts import LayerFacts
from desktop_app.ui.items.nodes import Node, build_tree, place, take_apart
from desktop_app.ui.items.roles import BAR_ROLE, CELL_ROLE, LEFT, RIGHT, Drawn, drawn_of, role_data
from desktop_app.ui.items.row_heat import RowHeat
from desktop_app.ui.text import tr

Index = QModelIndex | QPersistentModelIndex

UNANSWERED = frozenset(
    map(int, (Qt.ItemDataRole.CheckStateRole, Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.SizeHintRole))
)
"""What Qt asks for every cell that it draws, and never gets."""

SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
LEAF = SELECTABLE | Qt.ItemFlag.ItemNeverHasChildren
"""Without it Qt opens every layer as it opens scopes, and remembers it as open."""
EDITABLE = SELECTABLE | Qt.ItemFlag.ItemIsEditable


HEATED = (INDEX["time"], INDEX["heat"], INDEX["milliseconds"])
"""The columns that tell times and heat, side by side."""

FEW = 16
"""Of so many layers the rows are named when they change; of more, all rows count as changed."""


class LayerTreeModel(QAbstractItemModel):
    """Scopes and layers of the document, sorted and filtered here: a proxy would ask for every row of 20,000.

    Signals:
        all_changed: Any row may tell something else, deeper ones that no other signal names included.
        recoloured: The columns `HEATED` of any row may.
    """

    all_changed = Signal()
    recoloured = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._whole = self._root = build_tree(document.layers)
        self._layers = document.layers
        self._in_order = True
        self._conditions: tuple[Condition, ...] = ()
        self._sorted: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._cells: dict[tuple[int, str], Cell] = {}
        self._heat = RowHeat(document)
        self._rows: dict[str, Node] = {}
        document.opened.connect(self.rebuild)
        document.prediction_changed.connect(self._on_predicted)
        document.profile_changed.connect(self._recolour)
        document.sensitivity_changed.connect(self._recolour)
        document.heat_changed.connect(self._recolour)
        document.runs.shown_changed.connect(self._recolour)

    @property
    def document(self) -> Document:
        """What the rows are made from."""
        return self._document

    @property
    def filtered(self) -> bool:
        """Whether the filter line asks for anything."""
        return bool(self._conditions)

    @property
    def root(self) -> Node:
        """The invisible row above all."""
        return self._root

    def node(self, index: Index) -> Node:
        """The row at an index; the root for an invalid one."""
        return index.internalPointer() if index.isValid() else self._root

    def index_of(self, node: Node, column: int = 0) -> QModelIndex:
        """Where a row stands."""
        return QModelIndex() if node.parent is None else self.createIndex(node.row, column, node)

    def index_at(self, path: tuple[str, ...]) -> QModelIndex:
        """Where the row of that path stands; an invalid index where there is none, or the filter hides it."""
        node = self._root
        while node.path != path:
            below = (one for one in node.children if one.path == path[: len(one.path)])
            found = next(below, None)
            if found is None:
                return QModelIndex()
            node = found
        return self.index_of(node)

    def cell(self, node: Node, column: int) -> Cell | None:
        """What a knob's cell holds; None in a column that tells a fact."""
        knob = COLUMNS[column].knob
        if knob is None:
            return None
        key = (id(node), knob)
        known = self._cells.get(key)
        if known is None:
            known = self._cells[key] = knob_cell(self._document, node, knob)
        return known

    def set_filter(self, text: str) -> None:
        """Shows only the layers that the filter line asks for."""
        self._conditions = parse(text)
        self.rebuild()

    def rebuild(self) -> None:
        """Makes all rows anew."""
        self.beginResetModel()
        self._cells.clear()
        self._heat.forget()
        self._rows = {}
        shown, whole = self._root, self._whole
        with collector_paused():
            if self._layers is not self._document.layers:
                self._layers = self._document.layers
                self._whole, self._in_order = build_tree(self._layers), True
            passing = [layer for layer in self._layers if self._passes(layer)] if self._conditions else self._layers
            self._root = self._whole if len(passing) == len(self._layers) else build_tree(passing)
            self._sort_rows()
            self.endResetModel()
            for gone in {id(one): one for one in (shown, whole) if one is not self._whole}.values():
                take_apart(gone)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature
        children = parent.internalPointer().children if parent.isValid() else self._root.children
        if 0 <= row < len(children) and 0 <= column < len(COLUMNS):
            return self.createIndex(row, column, children[row])
        return QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # QObject.parent is another function
        above = self.node(index).parent
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.column() > 0 else len(self.node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        return self.rowCount(parent) > 0

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        node, column = index.internalPointer(), index.column()
        if column == 0:  # of every row that is opened
            return SELECTABLE if node.layer is None else LEAF
        cell = self.cell(node, column)
        return EDITABLE if cell and not cell.unavailable else SELECTABLE

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in UNANSWERED:
            return None
        node, column = index.internalPointer(), index.column()
        cell = self.cell(node, column)
        if role == CELL_ROLE:
            return cell
        if role == BAR_ROLE:
            return self._bar(node) if COLUMNS[column].id == "time" else None
        if COLUMNS[column].id == "heat":
            return self._heat.data(node, role)
        return role_data(self._document, node, COLUMNS[column], cell, role)

    def drawn(self, index: Index) -> Drawn:
        """All that is drawn of a cell."""
        node, column = index.internalPointer(), COLUMNS[index.column()]
        if column.id == "heat":
            return Drawn(self._heat.text(node), RIGHT)
        return drawn_of(self._document, node, column, self.cell(node, index.column()))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        kind = KINDS.get(self._document.heat) if column.id == "heat" else None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr((kind.short or kind.title) if kind else column.title)
        if role == Qt.ItemDataRole.ToolTipRole:
            tip = tip_of(self._document, self._document.heat) if kind else tr(column.tip)
            return explained("locked" if column.id == "lock" else column.id, tip)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.numeric else LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts the rows below each scope; column -1 puts them back in execution order."""
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        self._sort_rows()
        self.changePersistentIndexList(before, [self.index_of(self.node(one), one.column()) for one in before])
        self.layoutChanged.emit()

    def _sort_rows(self) -> None:
        column, order = self._sorted
        if column < 0 and (self._root is not self._whole or self._in_order):
            return  # as they were made
        if self._root is self._whole:
            self._in_order = column < 0
        places = {layer.name: place for place, layer in enumerate(self._document.layers)}
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            if column >= 0:
                key = COLUMNS[column].key
                node.children.sort(
                    key=lambda one: key(self._document, one), reverse=order == Qt.SortOrder.DescendingOrder
                )
            else:
                node.children.sort(key=lambda one: places[one.layers[0].name])
            place(node)
            waiting.extend(child for child in node.children if child.children)

    def _passes(self, layer: Layer) -> bool:
        return holds(self._conditions, LayerFacts(self._document, layer))

    def _bar(self, node: Node) -> float:
        return self._document.time_share(*node.layers) or 0.0

    def _recolour(self) -> None:
        """Forgets how hot rows are; what is asked of them stays."""
        self._heat.cool()
        self._name_top(HEATED[0], HEATED[-1])
        self.recoloured.emit()

    def _on_predicted(self) -> None:
        """Another recipe, of which only some layers may know."""
        touched = self._document.touched
        if touched is None or len(touched) > FEW or self._document.heat in BY_RECIPE:
            self._refresh()
            return
        if not self._rows:
            self._rows = {node.layer.name: node for node in self._layer_nodes() if node.layer is not None}
        for node in {id(one): one for name in touched for one in self._row_of(name)}.values():
            for knob in KNOBS:
                self._cells.pop((id(node), knob), None)
            self.dataChanged.emit(self.index_of(node, 1), self.index_of(node, len(COLUMNS) - 1))

    def _row_of(self, name: str) -> Iterator[Node]:
        """The row of a layer, where the filter leaves it, and those above it."""
        node = self._rows.get(name)
        while node is not None and node.parent is not None:
            yield node
            node = node.parent

    def _layer_nodes(self) -> Iterator[Node]:
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            waiting += node.children
            yield node

    def _refresh(self) -> None:
        """Forgets the cells. Only the rows at the top are named: views of deeper rows repaint as a whole."""
        self._cells.clear()
        self._heat.on_recipe()
        self._name_top(INDEX["time"], len(COLUMNS) - 1)
        self.all_changed.emit()

    def _name_top(self, first: int, last: int) -> None:
        if self._root.children:
            self.dataChanged.emit(self.index(0, first), self.index(len(self._root.children) - 1, last))
