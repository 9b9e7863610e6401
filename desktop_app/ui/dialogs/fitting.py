"""Dialogs that are as high as their texts need in their width."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QLayout


class FittedDialog(QDialog):
    """Qt reckons with narrow lines for wrapped texts, and leaves an empty corner; here the height is that of the width.

    It grows when a text comes that needs more room, and never shrinks by itself while it is shown.
    """

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        layout = self.layout()
        if layout is not None:
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._demand()
        self.resize(self.width(), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._demand()

    def event(self, event: QEvent) -> bool:
        taken = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._demand()
        return taken

    def refit(self) -> None:
        """Takes the height of other contents: that of the texts in this width, also where it is less."""
        if self.isVisible():
            self._demand()
            self.resize(self.width(), self.minimumHeight())

    def _demand(self) -> None:
        """Does not let the dialog be lower than its texts need."""
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))
