"""What the user has selected: shared by the tree, the graph and the inspector, and outliving all three."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

Path = tuple[str, ...]
"""A row of the tree: the scope, outermost first, and for a layer its name."""


class Selection(QObject):
    """The selected rows and the layers at or below them.

    Signals:
        changed: Others are selected; the names of the layers, in execution order.
    """

    changed = Signal(tuple)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: frozenset[Path] = frozenset()
        self.layers: tuple[str, ...] = ()

    def choose(self, rows: Iterable[Path], layers: Iterable[str]) -> None:
        """Selects these rows in place of others; `layers` are those at or below them, in execution order."""
        chosen, named = frozenset(rows), tuple(layers)
        if (chosen, named) != (self.rows, self.layers):
            self.rows, self.layers = chosen, named
            self.changed.emit(named)
