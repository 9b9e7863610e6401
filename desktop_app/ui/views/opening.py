"""Opens the scopes of a tree bit by bit: the window lives on while many thousand rows are laid out."""

from collections.abc import Callable, Iterator
from math import inf
from time import perf_counter

from PySide6.QtCore import QObject, QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QTreeView

from desktop_app.ui.items.nodes import Node
from desktop_app.ui.items.tree_model import LayerTreeModel

AT_ONCE = 2000
"""Layers of which the scopes are opened at once: that takes no longer than a frame or two."""
TURN_SECONDS = 0.008


class GradualOpening(QObject):
    """Opens scopes from the top down, some in each turn of the event loop, until rows are made anew.

    Args:
        view: Whose scopes are opened; it tells of none of them.
        model: The rows.
    """

    def __init__(self, view: QTreeView, model: LayerTreeModel) -> None:
        super().__init__(view)
        self._view, self._model = view, model
        self._scopes: Iterator[Node] = iter(())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)
        model.modelAboutToBeReset.connect(self.stop)

    @property
    def busy(self) -> bool:
        """Whether scopes are still to be opened."""
        return self._timer.isActive()

    def begin(self, wanted: Callable[[Node], bool]) -> None:
        """Opens the scopes that are wanted, those that the user sees first before this returns."""
        self._view.executeDelayedItemsLayout()  # while Qt has that to do, it lays out all that is opened at once
        self._scopes = _scopes_of(self._model.root, wanted)
        self._timer.start(0)
        self._turn()

    def stop(self) -> None:
        """Opens no more."""
        self._timer.stop()

    def finish(self) -> None:
        """Opens all that is still to be opened."""
        if self.busy:
            self._open_until(inf)

    def _turn(self) -> None:
        self._open_until(perf_counter() + TURN_SECONDS)

    def _open_until(self, end: float) -> None:
        """Opens scopes until then. What is not to be seen is not drawn: Qt would draw the view again and again."""
        view, port, seen = self._view, self._view.viewport(), False
        port.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, True)
        with QSignalBlocker(view):
            for node in self._scopes:
                index = self._model.index_of(node)
                seen = seen or view.visualRect(index).top() < port.height()
                view.expand(index)
                if perf_counter() > end:
                    break
            else:
                self.stop()
        port.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, False)
        if seen:
            port.update()


def _scopes_of(root: Node, wanted: Callable[[Node], bool]) -> Iterator[Node]:
    """The scopes below a row, as they stand in the view."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(child for child in reversed(node.children) if child.children)
        if node is not root and wanted(node):
            yield node
