"""The choice of what the tree's layers are coloured by: in the View menu, and at the tree's header."""

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from desktop_app.ui.document import Document
from desktop_app.ui.heat import KINDS, tip_of
from desktop_app.ui.text import as_tooltip, tr


class HeatMenu(QMenu):
    """None, or one of the kinds of heat; follows the document."""

    def __init__(self, document: Document, parent: QMenu) -> None:
        super().__init__(tr("Heat column"), parent)
        self.setObjectName("heatMenu")
        self.setToolTipsVisible(True)
        self._document = document
        self._group = QActionGroup(self)
        self._add("", tr("None"), tr("No heat column"))
        for by, kind in KINDS.items():
            self._add(by, tr(kind.title), tr(kind.tip))
        self._group.triggered.connect(self._choose)
        document.heat_changed.connect(self._show)
        document.runs.shown_changed.connect(self._show)
        self._show()

    def _add(self, by: str, title: str, tip: str) -> None:
        action = QAction(title, self._group, checkable=True)
        action.setObjectName(f"heat.{by or 'none'}")
        action.setData(by)
        action.setToolTip(as_tooltip(tip))
        self.addAction(action)

    def _choose(self, action: QAction) -> None:
        self._document.colour_by(action.data())

    def _show(self) -> None:
        for action in self._group.actions():
            action.setChecked(action.data() == self._document.heat)
            if action.data():
                action.setToolTip(as_tooltip(tip_of(self._document, action.data())))
