"""What was open and chosen in the tree, across a rebuild of its rows."""

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QTreeView

from desktop_app.ui.items.nodes import Node
from desktop_app.ui.items.tree_model import LayerTreeModel

Paths = set[tuple[str, ...]]


class TreeMemory:
    """Remembers rows by their path, which is the same after every rebuild."""

    def __init__(self, view: QTreeView, model: LayerTreeModel) -> None:
        self._view = view
        self._model = model
        self._open: Paths = set()
        self._chosen: Paths = set()

    def remember(self, chosen: Iterable[Node], open_scopes: bool) -> None:
        """Notes the chosen rows, and the open scopes unless a filter has opened them all."""
        self._chosen = {node.path for node in chosen}
        if open_scopes:
            shown = (node for node in self._nodes() if node.children)
            self._open = {node.path for node in shown if self._view.isExpanded(self._model.index_of(node))}

    def restore(self, open_scopes: bool) -> None:
        """Opens and chooses the rows again, as far as they are still there."""
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for node in self._nodes():
            if open_scopes and node.children and node.path in self._open:
                self._view.expand(self._model.index_of(node))
            if node.path in self._chosen:
                self._view.selectionModel().select(self._model.index_of(node), flags)

    def _nodes(self) -> Iterator[Node]:
        waiting = list(self._model.root.children)
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.children)
