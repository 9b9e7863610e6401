"""The tree of layers, with the filter line above it."""

from collections.abc import Iterable, Sequence
from typing import cast

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeView, QWidget

from desktop_app.core.settings import Knob
from desktop_app.ui import operations
from desktop_app.ui.heat_menu import HeatMenu
from desktop_app.ui.items.columns import COLUMNS, INDEX
from desktop_app.ui.items.delegates import (
    BarDelegate,
    BitsDelegate,
    CellDelegate,
    HeatDelegate,
    KnobDelegate,
    PruneDelegate,
    RankDelegate,
    StructureDelegate,
)
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.items.tree_model import HEATED, LayerTreeModel
from desktop_app.ui.text import tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.opening import AT_ONCE, GradualOpening
from desktop_app.ui.views.tree_memory import TreeMemory, TreeState

Index = QModelIndex | QPersistentModelIndex

EXPAND_ALL_BELOW = 400
DELEGATES: dict[Knob, type[KnobDelegate]] = {
    "prune": PruneDelegate,
    "rank": RankDelegate,
    "bits": BitsDelegate,
    "structure": StructureDelegate,
}


class LayerTree(QTreeView):
    """Layers in their scopes; edits go to every selected row.

    Signals:
        layers_selected: Names of the layers at or below the selected rows, in execution order.
        opened_otherwise: Other scopes are open; of many at once it is told once.
    """

    layers_selected = Signal(tuple)
    opened_otherwise = Signal()

    def __init__(self, model: LayerTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tree")
        self.setAccessibleName(tr("Layers"))
        self._layers = model
        self._document = model.document
        self._following = False
        self.setModel(model)
        self.opening = GradualOpening(self, model)
        self._memory = TreeMemory(self, model, self.opening)
        self.expanded.connect(self.opened_otherwise)
        self.collapsed.connect(self.opened_otherwise)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setIndentation(14)
        self._set_up_header()
        self._set_up_delegates()
        self._document.opened.connect(self.show_first)
        model.all_changed.connect(self.viewport().update)
        model.recoloured.connect(self._update_heated)
        self._document.heat_changed.connect(self._show_heat)
        self._show_heat()
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        self._document.selection.changed.connect(self._follow_selection)
        self.show_first()

    def selected_nodes(self) -> list[Node]:
        """The selected rows, from whole ranges: Qt's own list of rows takes minutes for 20,000."""
        found: list[Node] = []
        spans = cast("Iterable[QItemSelectionRange]", self.selectionModel().selection())
        for span in spans:
            if span.left() == 0:
                found += self._layers.node(span.parent()).children[span.top() : span.bottom() + 1]
        return found

    def selected_layers(self) -> tuple[str, ...]:
        """The layers at or below the selected rows, in execution order."""
        return self._document.in_order(layer.name for node in self.selected_nodes() for layer in node.layers)

    def _tell_selection(self) -> None:
        nodes = self.selected_nodes()
        layers = self._document.in_order(layer.name for node in nodes for layer in node.layers)
        if not self._following:
            self._document.selection.choose((node.path for node in nodes), layers)
        self.layers_selected.emit(layers)

    def _follow_selection(self) -> None:
        """Selects and shows the rows that were selected elsewhere, as far as the filter leaves them."""
        wanted = self._document.selection.rows
        if {node.path for node in self.selected_nodes()} == wanted:
            return
        rows = [index for path in wanted if (index := self._layers.index_at(path)).isValid()]
        chosen = QItemSelection()
        for index in rows:
            chosen.select(index, index.siblingAtColumn(len(COLUMNS) - 1))
        self._following = True
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            first = min(rows, key=lambda index: self._document.place(self._layers.node(index).layers[0].name))
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(first)
        self._following = False

    def selectAll(self) -> None:
        """Selects the rows at the top: they stand for all below them, and Qt takes minutes to select 20,000 rows."""
        last = self._layers.index(self._layers.rowCount() - 1, len(COLUMNS) - 1)
        every = QItemSelection(self._layers.index(0, 0), last)
        self.selectionModel().select(every, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def expandAll(self) -> None:
        """Opens all scopes, those of many layers bit by bit; Qt would tell of each of 20,000."""
        self._memory.all_open(are=True)
        if len(self._layers.root.layers) > AT_ONCE:
            self.opening.begin(lambda _: True)
        else:
            with QSignalBlocker(self):
                super().expandAll()
        self.opened_otherwise.emit()

    def collapseAll(self) -> None:
        """Closes all scopes, likewise."""
        self.opening.stop()
        with QSignalBlocker(self):
            super().collapseAll()
        self._memory.all_open(are=False)
        self.opened_otherwise.emit()

    def edit_knob(self) -> None:
        """Opens the editor of the current cell, or of the first knob of its row."""
        index = self.currentIndex()
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            knobs = (index.siblingAtColumn(INDEX[knob]) for knob in DELEGATES)
            index = next((one for one in knobs if one.flags() & Qt.ItemFlag.ItemIsEditable), index)
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.edit(index)

    def show_first(self) -> None:
        """Opens the scopes of a model that was just opened, as far as that stays readable."""
        if len(self._document.layers) <= EXPAND_ALL_BELOW:
            self.expandAll()
        elif any(node.children for node in self._layers.root.children):  # Qt looks at every row to find none
            self.expandToDepth(0)
        if self._document.selection.rows:
            self._follow_selection()
        elif self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def filter(self, text: str) -> None:
        """Shows only what the filter line asks for, all scopes open; a blank line brings back what was open."""
        self._memory.remember(self.selected_nodes(), open_scopes=not self._layers.filtered)
        self._layers.set_filter(text)
        if self._layers.filtered:
            self.expandAll()
        self._memory.restore(open_scopes=not self._layers.filtered)

    def look(self) -> TreeState:
        """What a tree made anew needs to look the same."""
        return self._memory.state(self.selected_nodes(), open_scopes=not self._layers.filtered)

    def take(self, state: TreeState) -> None:
        """Looks as another tree of the same layers did."""
        self._memory.take(state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.edit_knob()
        elif event.key() == Qt.Key.Key_Space:
            operations.toggle_locked(self._document, self.selected_layers())
        else:
            super().keyPressEvent(event)

    def selectionCommand(self, index: Index, event: QEvent | None = None) -> QItemSelectionModel.SelectionFlag:
        """A plain click on a knob of a selected row keeps the selection, so that its editor speaks for all rows."""
        if (
            isinstance(event, QMouseEvent)
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
            and index.flags() & Qt.ItemFlag.ItemIsEditable
            and self.selectionModel().isSelected(index)
        ):
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return super().selectionCommand(index, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names get the room that the other columns leave, but never less than they need."""
        super().resizeEvent(event)
        self._fit_names()

    def _fit_names(self) -> None:
        others = sum(self.columnWidth(place) for place in range(1, len(COLUMNS)))
        self.setColumnWidth(0, max(scaled(COLUMNS[0].width), self.viewport().width() - others))

    def _set_up_header(self) -> None:
        header = self.header()
        header.setSectionsMovable(True)
        header.setSortIndicatorClearable(True)
        header.setStretchLastSection(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        self.fit_columns()
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, column.hidden)
        header.setMinimumSectionSize(scaled(40))
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)

    def fit_columns(self) -> None:
        """Gives the columns the widths that text of this size needs."""
        for place, column in enumerate(COLUMNS):
            self.setColumnWidth(place, scaled(column.width))

    def _set_up_delegates(self) -> None:
        self.setItemDelegate(CellDelegate(self))
        self.setItemDelegateForColumn(INDEX["time"], BarDelegate(self))
        self.setItemDelegateForColumn(INDEX["heat"], HeatDelegate(self))
        for knob, kind in DELEGATES.items():
            delegate = kind(self)
            delegate.entered.connect(self._apply)
            self.setItemDelegateForColumn(INDEX[knob], delegate)

    def _apply(self, index: Index, value: object) -> None:
        """Gives a value to the row that was edited, and to all selected rows if it is one of them."""
        knob = COLUMNS[index.column()].knob
        node = self._layers.node(index)
        nodes = self.selected_nodes()
        if knob is not None:
            operations.SETTERS[knob](self._document, _names(nodes if node in nodes else [node]), value)

    def _show_heat(self) -> None:
        """The column is there as long as it tells something."""
        hidden = not self._document.heat
        if self.isColumnHidden(INDEX["heat"]) != hidden:
            self.setColumnHidden(INDEX["heat"], hidden)
            self._fit_names()
        self.header().viewport().update()

    def _update_heated(self) -> None:
        """Draws only the columns that may tell something else: to draw all of a tree takes longer than a frame."""
        height = self.viewport().height()
        for place in HEATED:
            self.viewport().update(self.columnViewportPosition(place), 0, self.columnWidth(place), height)

    def column_actions(self) -> list[QAction]:
        """One checkable action for each column but the first."""
        return [self._column_action(place) for place in range(1, len(COLUMNS)) if COLUMNS[place].id != "heat"]

    def _column_action(self, place: int) -> QAction:
        action = QAction(tr(COLUMNS[place].title), self, checkable=True, checked=not self.isColumnHidden(place))
        action.setToolTip(tr(COLUMNS[place].tip))
        action.toggled.connect(lambda shown: self.setColumnHidden(place, not shown))
        return action

    def _choose_columns(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.column_actions())
        menu.addMenu(HeatMenu(self._document, menu))
        menu.addSeparator()
        menu.addAction(tr("Execution order"), lambda: self.sortByColumn(-1, Qt.SortOrder.AscendingOrder))
        menu.popup(self.header().mapToGlobal(position))


def _names(nodes: Sequence[Node]) -> list[str]:
    return [layer.name for node in nodes for layer in node.layers]
