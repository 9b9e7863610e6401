"""A small map of the whole graph, with what is to be seen of it now."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from desktop_app.ui.graph.stage import Stage
from desktop_app.ui.text import tr

if TYPE_CHECKING:
    from desktop_app.ui.graph.canvas import GraphCanvas

LARGEST = QSize(120, 190)
EDGE, PADDING, LEAST = 12, 5, 16.0
MOST_SEEN = 0.5
"""Where more than that share of the graph is to be seen, a map of it is only in the way."""


class Overview(QWidget):
    """Lies over a corner of the canvas; a click or a drag goes to that place."""

    def __init__(self, canvas: "GraphCanvas") -> None:
        super().__init__(canvas)
        self.setObjectName("graphOverview")
        self.setAccessibleName(tr("Overview of the graph"))
        self._canvas = canvas
        self._stage: Stage | None = None
        self._pixmap = QPixmap()
        self._scale = (1.0, 1.0)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_stage(self, stage: Stage | None) -> None:
        """Shows another graph, or none."""
        self._stage = stage
        self._pixmap = QPixmap()
        if stage is not None:
            picture = stage.picture
            factor = min(LARGEST.width() / max(picture.width, 1.0), LARGEST.height() / max(picture.height, 1.0))
            width, height = max(picture.width * factor, LEAST), max(picture.height * factor, LEAST)
            self._scale = (width / max(picture.width, 1.0), height / max(picture.height, 1.0))
            self.setFixedSize(int(width) + 2 * PADDING, int(height) + 2 * PADDING)
        self.settle()

    def refresh(self) -> None:
        """Draws the map anew: colours have changed."""
        self._pixmap = QPixmap()
        self.update()

    def settle(self) -> None:
        """Goes to the corner; hides where most of the graph is to be seen anyway."""
        self.move(self._canvas.width() - self.width() - EDGE - 12, self._canvas.height() - self.height() - EDGE - 12)
        self.follow()

    def follow(self) -> None:
        """Shows what is to be seen now."""
        stage = self._stage
        if stage is None:
            self.hide()
            return
        seen = self._seen()
        whole = QRectF(0, 0, stage.picture.width, stage.picture.height)
        shown = seen.intersected(whole)
        most = shown.width() * shown.height() > MOST_SEEN * whole.width() * whole.height()
        self.setVisible(not most and self._canvas.height() > 3 * self.height() // 2)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._stage is None:
            return
        inks = self._stage.paint.brush.inks
        if self._pixmap.isNull():
            self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        seen = self._seen()
        x, y = self._scale
        at = QRectF(seen.left() * x + PADDING, seen.top() * y + PADDING, seen.width() * x, seen.height() * y)
        at = at.intersected(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        shade = QColor(inks.accent)
        shade.setAlpha(36)
        painter.setBrush(shade)
        painter.setPen(QPen(inks.accent, 1.4))
        painter.drawRect(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, position: QPointF) -> None:
        x, y = self._scale
        self._canvas.look_at(QPointF((position.x() - PADDING) / x, (position.y() - PADDING) / y))

    def _seen(self) -> QRectF:
        return self._canvas.mapToScene(self._canvas.viewport().rect()).boundingRect()

    def _draw(self) -> None:
        if self._stage is None:
            return
        ratio = self.devicePixelRatioF()
        self._pixmap = QPixmap(self.size() * ratio)
        self._pixmap.setDevicePixelRatio(ratio)
        inks = self._stage.paint.brush.inks
        self._pixmap.fill(inks.ground)
        painter = QPainter(self._pixmap)
        painter.save()
        painter.translate(PADDING, PADDING)
        painter.scale(*self._scale)
        picture = self._stage.picture
        self._stage.far.draw(painter, QRectF(0, 0, picture.width, picture.height), marked=False)
        painter.restore()
        painter.setPen(QPen(inks.edge, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
