"""A plot that tells where it was clicked, and over what the pointer is; nothing in it can be dragged or zoomed."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.ui.theme import small_font

BEHIND = -1
"""The grid belongs to the axes: it is drawn behind what is measured."""


class Canvas(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """A plot for dots and lines that can be chosen.

    Signals:
        clicked: Where, in the widget's pixels, and whether a key to add to the selection was held.
        moved: Where the pointer is now.
        left: The pointer is elsewhere.
        key_pressed: A key; whoever takes it accepts the event.
    """

    clicked = Signal(QPoint, bool)
    moved = Signal(QPoint)
    left = Signal()
    key_pressed = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__(enableMenu=False)
        for part in (self, self.viewport()):
            part.setAccessibleName(name)
        self.setBackground(QApplication.palette().color(QPalette.ColorRole.Base))  # black else, until it is drawn
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    def colour(self, role: QPalette.ColorRole, alpha: float = 1.0) -> QColor:
        """A colour of the palette as it is now, more or less opaque."""
        colour = QColor(QApplication.palette().color(role))
        colour.setAlphaF(alpha)
        return colour

    def paint_axes(self, sides: tuple[str, ...], font: QFont) -> None:
        """Gives ground and axes the colours of the palette."""
        palette = QApplication.palette()  # the widget may have its new one a little later
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in sides:
            axis = self.getAxis(side)
            axis.setZValue(BEHIND)
            axis.setPen(pg.mkPen(palette.color(QPalette.ColorRole.Mid)))
            axis.setStyle(tickFont=small_font(font))
            axis.setTextPen(palette.color(QPalette.ColorRole.PlaceholderText))

    def pixel(self, x: float, y: float) -> QPoint:
        """Where a spot is drawn, in the widget's pixels."""
        scene = self.getViewBox().mapViewToScene(QPointF(x, y))
        point: QPoint = self.mapFromScene(scene)
        return point

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            self.clicked.emit(event.position().toPoint(), bool(event.modifiers() & keys))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.moved.emit(event.position().toPoint())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)
