"""The graph from afar: one item that draws all boxes and lines small."""

from collections.abc import Generator
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from desktop_app.core.layout.nested import Picture
from desktop_app.ui.graph.paint import Paint

BANDS, OFTEN = 48, 40
"""Strips of the picture, and lines between two looks at the clock."""


class FarItem(QGraphicsItem):
    """Everything, drawn for a scale at which no text could be read: by colour, in strips, so that it is fast."""

    def __init__(self, picture: Picture, paint: Paint) -> None:
        super().__init__()
        self._picture, self._paint = picture, paint
        self._bounds = QRectF(0, 0, picture.width, picture.height).adjusted(-20, -20, 20, 20)
        self._strips: list[dict[int, QPainterPath]] = []
        self._lines: list[QPainterPath] = []
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    @property
    def _step(self) -> float:
        return max(self._picture.width if self._picture.across else self._picture.height, 1.0) / BANDS

    def build_lines(self) -> Generator[None, None, None]:
        """Puts the lines into strips: long ones are in all that they pass."""
        self._lines = [QPainterPath() for _ in range(BANDS)]
        across = self._picture.across
        for place, points in enumerate(self._picture.routes.values()):
            for one, other in pairwise(points):
                low, high = sorted((one[not across], other[not across]))
                for strip in range(self._strip(low), self._strip(high) + 1):
                    self._lines[strip].moveTo(*one)
                    self._lines[strip].lineTo(*other)
            if place % OFTEN == 0:
                yield

    def refresh(self) -> None:
        """Looks anew at the colours."""
        self._strips = []
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        exposed = getattr(option, "exposedRect", self._bounds)
        self.draw(painter, exposed)

    def draw(self, painter: QPainter, exposed: QRectF, marked: bool = True) -> None:
        """Draws what lies in a part of the picture, with or without what is selected."""
        if not self._strips:
            self._sort()
        inks, places = self._paint.brush.inks, self._picture.places
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(inks.edge, 0))
        for depth, number in enumerate(self._picture.scene.frames):
            at = QRectF(*places[number])
            if at.intersects(exposed):
                painter.setBrush(inks.frames[min(depth % 4, len(inks.frames) - 1)])
                painter.drawRect(at)
        across = self._picture.across
        first = self._strip(exposed.left() if across else exposed.top())
        last = self._strip(exposed.right() if across else exposed.bottom())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(inks.line, 0))
        for strip in range(first, last + 1):
            painter.drawPath(self._lines[strip])
        painter.setPen(QPen(inks.edge, 0))
        for strip in range(first, last + 1):
            for step, path in self._strips[strip].items():
                painter.setBrush(inks.box if step < 0 else inks.ramp[step])
                painter.drawPath(path)
        if marked:
            self._draw_marks(painter)

    def _draw_marks(self, painter: QPainter) -> None:
        marks, pen = self._paint.marks, QPen(self._paint.brush.inks.accent, 2.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in (*marks.chosen, marks.current):
            place = self._picture.places.get(number)
            if place is not None:
                painter.drawRect(QRectF(*place))

    def _sort(self) -> None:
        inks, looks = self._paint.brush.inks, self._paint.looks
        self._strips = [{} for _ in range(BANDS)]
        across = self._picture.across
        for number in self._picture.scene.boxes:
            x, y, width, height = self._picture.places[number]
            level = looks.level(number)
            step = -1 if level is None else inks.step(min(level, 1.0))
            strip = self._strips[self._strip(x + width / 2 if across else y + height / 2)]
            path = strip.get(step)
            if path is None:
                path = strip[step] = QPainterPath()
            path.addRect(x, y, width, height)

    def _strip(self, at: float) -> int:
        return min(max(int(at / self._step), 0), BANDS - 1)
