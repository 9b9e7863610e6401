"""What was open and chosen in the tree, across a rebuild of its rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QByteArray, QItemSelection, QItemSelectionModel, QModelIndex
from PySide6.QtWidgets import QTreeView

from desktop_app.ui.items.columns import COLUMNS
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.items.tree_model import LayerTreeModel
from desktop_app.ui.views.opening import AT_ONCE, GradualOpening

Path = tuple[str, ...]
Paths = frozenset[Path]


@dataclass(frozen=True)
class TreeState:
    """All that a tree holds itself: rows by their path.

    Attributes:
        open: Scopes that are open (where a filter opens all: that were open before it).
        chosen: Selected rows.
        current: The row that has the keys, and its column.
        header: Widths, order, visibility and sorting of the columns.
        scrolled: How far down.
    """

    open: Paths = frozenset()
    chosen: Paths = frozenset()
    current: tuple[Path, int] | None = None
    header: QByteArray = field(default_factory=QByteArray)
    scrolled: int = 0


class TreeMemory:
    """Remembers rows by their path, which is the same after every rebuild."""

    def __init__(self, view: QTreeView, model: LayerTreeModel, opening: GradualOpening) -> None:
        self._view = view
        self._opening = opening
        self._model = model
        self._open: Paths = frozenset()
        self._chosen: Paths = frozenset()
        self._now: set[Path] = set()
        view.expanded.connect(self._on_expanded)
        view.collapsed.connect(self._on_collapsed)
        model.modelReset.connect(self._now.clear)

    def all_open(self, *, are: bool) -> None:
        """Notes that all scopes are open, or none is, which the view did, or does, without telling it of each."""
        self._now.clear()
        if are:
            self._now.update(node.path for node in self._nodes() if node.children)

    def open(self, nodes: Iterable[Node]) -> None:
        """Opens scopes; of many only some at once, and the others behind the user's back."""
        if len(self._model.root.layers) > AT_ONCE:
            wanted = {node.path for node in nodes}
            self._now.update(wanted)
            self._opening.begin(lambda node: node.path in wanted)
        else:
            for node in nodes:
                self._view.expand(self._model.index_of(node))

    def remember(self, chosen: Iterable[Node], open_scopes: bool) -> None:
        """Notes the chosen rows, and the open scopes unless a filter has opened them all."""
        self._chosen = frozenset(node.path for node in chosen)
        if open_scopes:
            self._open = self._open_now()

    def restore(self, open_scopes: bool, *, at_once: bool = False) -> None:
        """Opens and chooses the rows again, as far as they are still there; all at once where something follows."""
        nodes = list(self._nodes())
        if open_scopes:
            scopes = [node for node in nodes if node.children]
            wanted = [node for node in scopes if node.path in self._open]
            if len(wanted) == len(scopes):
                self._view.expandAll()
            else:  # before anything else: Qt then lays the rows out once
                self.open(wanted)
            if at_once:
                self._opening.finish()
        chosen = QItemSelection()
        for node in nodes if self._chosen else ():
            if node.path in self._chosen:
                chosen.select(self._model.index_of(node), self._model.index_of(node, len(COLUMNS) - 1))
        self._view.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.Select)

    def state(self, chosen: Iterable[Node], open_scopes: bool) -> TreeState:
        """What another tree needs to look the same; nothing is remembered here."""
        index = self._view.currentIndex()
        current = (self._model.node(index).path, index.column()) if index.isValid() else None
        header, scrolled = self._view.header().saveState(), self._view.verticalScrollBar().value()
        opened = self._open_now() if open_scopes else self._open
        return TreeState(opened, frozenset(node.path for node in chosen), current, header, scrolled)

    def take(self, state: TreeState) -> None:
        """Makes the tree look as another one did, no filter being set."""
        self._open, self._chosen = state.open, state.chosen
        self._view.header().restoreState(state.header)
        self._view.collapseAll()
        self._view.clearSelection()
        if state.current is not None:
            self._go_to(*state.current)
        self.restore(open_scopes=True, at_once=True)
        self._view.verticalScrollBar().setValue(state.scrolled)

    def _open_now(self) -> Paths:
        """The open scopes; they are followed, since asking for each of 20,000 rows takes long."""
        return frozenset(self._now)

    def _on_expanded(self, index: QModelIndex) -> None:
        node = self._model.node(index)
        if node.children:  # Qt opens layers, too, with all that is below a scope
            self._now.add(node.path)

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._now.discard(self._model.node(index).path)

    def _go_to(self, path: Path, column: int) -> None:
        found = next((node for node in self._nodes() if node.path == path), None)
        if found is not None:
            index = self._model.index_of(found).siblingAtColumn(column)
            self._view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _nodes(self) -> Iterator[Node]:
        waiting = list(self._model.root.children)
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.children)
