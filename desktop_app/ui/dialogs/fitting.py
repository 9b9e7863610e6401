"""Dialogs that are as high as their texts need in their width."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog


class FittedDialog(QDialog):
    """Qt reckons with narrow lines for wrapped texts, and leaves an empty corner; here the height is that of the width.

    It grows when a text comes that needs more room, and never shrinks while it is shown.
    """

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.resize(self.width(), self._needed())

    def event(self, event: QEvent) -> bool:
        taken = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible() and self.height() < self._needed():
            self.resize(self.width(), self._needed())
        return taken

    def _needed(self) -> int:
        layout = self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return self.height()
        return layout.totalHeightForWidth(self.width())
