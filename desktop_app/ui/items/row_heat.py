"""How hot the rows of the layer table are, by what the document is coloured by."""

from typing import Any

from PySide6.QtCore import Qt

from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.heat import BY_RECIPE, KINDS, Heat, HeatScale
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.items.roles import HEAT_ROLE, RIGHT
from desktop_app.ui.text import as_tooltip, tr


class RowHeat:
    """Keeps what was found of the rows that were asked for, until something changes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._scale: HeatScale | None = None
        self._cooled = False
        self._found: dict[int, Heat | None] = {}

    def forget(self) -> None:
        """The rows are others."""
        self._scale = None
        self._found.clear()

    def cool(self) -> None:
        """What makes layers hot has changed."""
        self._cooled = True
        self._found.clear()

    def on_recipe(self) -> None:
        """The recipe has changed, of which only some kinds of heat know."""
        self._cooled = self._cooled or self._document.heat in BY_RECIPE
        self._found.clear()

    def of(self, node: Node) -> Heat | None:
        """Of a row; None where that is not known."""
        if self._document.heat not in KINDS:
            return None
        if self._scale is None or self._scale.by != self._document.heat:
            self._scale = HeatScale(self._document, self._document.heat)
        elif self._cooled:
            self._scale.refresh()
        self._cooled = False
        if id(node) not in self._found:
            self._found[id(node)] = self._scale.of(node.layers)
        return self._found[id(node)]

    def text(self, node: Node) -> str:
        """What the cell says."""
        return _told(self.of(node))

    def data(self, node: Node, role: int) -> Any:
        """What the cell gives the view."""
        heat = self.of(node)
        if role == HEAT_ROLE:
            return None if heat is None else heat.share
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _told(heat)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT
        if role == Qt.ItemDataRole.ToolTipRole and heat is None:
            return as_tooltip(tr("Not known: measure the sensitivity (Run menu), or wait until the layers are timed."))
        return None


def _told(heat: Heat | None) -> str:
    return fmt.UNKNOWN if heat is None else heat.text
