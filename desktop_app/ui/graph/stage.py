"""The items of the graph's scene: boxes, open groups, lines."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QStyleOptionGraphicsItem,
    QWidget,
)

from desktop_app.core.layout.groups import GroupTree
from desktop_app.core.layout.level import Point
from desktop_app.core.layout.nested import Picture
from desktop_app.ui.graph.brush import Brush
from desktop_app.ui.graph.far import FarItem
from desktop_app.ui.graph.paint import Paint
from desktop_app.ui.graph.wires import Piece, add_arrow, add_route, ends_at_box

FRAMES, LINES, MARKED, BOXES = 0.0, 20.0, 25.0, 30.0
LINE_WIDTH, MARKED_WIDTH = 1.25, 2.2
ARROWS_IN_ONE, OFTEN = 40, 40


class BoxItem(QGraphicsItem):
    """One box. It asks for what it says only when it is drawn."""

    def __init__(self, number: int, at: QRectF, paint: Paint, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.number, self.at = number, at
        self._paint = paint
        self._bounds = at.adjusted(-9, -12, 9, 9)
        self.setZValue(BOXES)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        with_, number = self._paint, self.number
        marks = with_.marks
        scale = painter.worldTransform().m11()
        with_.brush.box(
            painter,
            self.at,
            with_.sizes.of(number),
            with_.looks.of(number),
            scale,
            number in marks.chosen,
            number == marks.current,
            number in marks.members,
        )


class FrameItem(QGraphicsItem):
    """An open group. Only its title takes clicks: the rest is ground."""

    def __init__(self, number: int, at: QRectF, depth: int, paint: Paint, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.number, self.at = number, at
        self.depth, self._paint = depth, paint
        self._bounds = at.adjusted(-8, -8, 8, 8)
        self.setZValue(FRAMES + depth)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        measured = self._paint.sizes.of(self.number)
        path.addRect(QRectF(self.at.left(), self.at.top(), measured.width + 20, 28))
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        with_, number = self._paint, self.number
        marks = with_.marks
        scale = painter.worldTransform().m11()
        measured, look = with_.sizes.of(number), with_.looks.of(number)
        chosen, current = number in marks.chosen, number == marks.current
        with_.brush.frame(painter, self.at, measured, look, self.depth, scale, chosen, current)


@dataclass
class Stage:
    """All items of one picture, in a scene of their own: it owns them, and they go with it."""

    scene: QGraphicsScene
    picture: Picture
    paint: Paint
    near: QGraphicsRectItem
    far: FarItem
    boxes: dict[int, BoxItem | FrameItem]
    marked: QGraphicsPathItem

    def dip(self, brush: Brush) -> None:
        """Takes other colours."""
        self.paint.brush = brush
        self.marked.setPen(_pen(brush.inks.accent, MARKED_WIDTH))
        pen = _pen(brush.inks.line, LINE_WIDTH)
        for item in self.near.childItems():
            if isinstance(item, QGraphicsPathItem) and item is not self.marked:
                if item.zValue() == LINES:
                    item.setPen(pen)
                else:
                    item.setBrush(brush.inks.line)
        self.update()

    def update(self) -> None:
        """Draws everything anew, in colours that may be others."""
        self.far.refresh()
        for box in self.boxes.values():
            box.update()

    def at(self, number: int) -> QRectF | None:
        """Where a box or an open group is."""
        place = self.picture.places.get(number)
        return QRectF(*place) if place is not None else None


def build_stage(tree: GroupTree, picture: Picture, paint: Paint) -> Generator[None, None, Stage]:
    """Makes the items of a picture."""
    scene = QGraphicsScene()
    near = QGraphicsRectItem()
    scene.addItem(near)
    near.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
    boxes: dict[int, BoxItem | FrameItem] = {}
    for place, number in enumerate(picture.scene.frames):
        depth = len(tree.above(number)) - 1
        boxes[number] = FrameItem(number, QRectF(*picture.places[number]), depth, paint, near)
        if place % OFTEN == 0:
            yield
    for place, number in enumerate(picture.scene.boxes):
        boxes[number] = BoxItem(number, QRectF(*picture.places[number]), paint, near)
        if place % OFTEN == 0:
            yield
    yield from _add_lines(tree, picture, paint, near)
    marked = QGraphicsPathItem(near)
    marked.setPen(_pen(paint.brush.inks.accent, MARKED_WIDTH))
    marked.setZValue(MARKED)
    far = FarItem(picture, paint)
    far.setZValue(BOXES)
    far.setVisible(False)
    scene.addItem(far)
    yield from far.build_lines()
    paint.looks.show(picture.scene.boxes)
    return Stage(scene, picture, paint, near, far, boxes, marked)


def _add_lines(tree: GroupTree, picture: Picture, paint: Paint, near: QGraphicsItem) -> Generator[None, None, None]:
    """One item for all lines that leave one box within one group, and one for some dozens of heads."""
    pen = _pen(paint.brush.inks.line, LINE_WIDTH)
    nets: dict[tuple[int, int, int], list[Piece]] = {}
    for group, wire in picture.routes:
        nets.setdefault((group, wire[0], wire[2]), []).append((group, wire))
    heads: list[tuple[Point, ...]] = []
    for place, pieces in enumerate(nets.values()):
        path, drawn = QPainterPath(), set[tuple[Point, Point]]()
        for piece in pieces:
            add_route(path, picture.routes[piece], picture.across, drawn)
            if ends_at_box(tree, picture, piece) and picture.routes[piece]:
                heads.append(picture.routes[piece])
        item = QGraphicsPathItem(path, near)
        item.setPen(pen)
        item.setZValue(LINES)
        if place % OFTEN == 0:
            yield
    yield from _add_heads(heads, picture.across, paint, near)


def _add_heads(
    heads: list[tuple[Point, ...]], across: bool, paint: Paint, near: QGraphicsItem
) -> Generator[None, None, None]:
    heads.sort(key=lambda points: points[-1][not across])
    for first in range(0, len(heads), ARROWS_IN_ONE):
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        for points in heads[first : first + ARROWS_IN_ONE]:
            add_arrow(path, points, across)
        item = QGraphicsPathItem(path, near)
        item.setPen(QPen(Qt.PenStyle.NoPen))
        item.setBrush(paint.brush.inks.line)
        item.setZValue(LINES + 1)
        yield


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def nearest(stage: Stage, numbers: Iterable[int], to: QPointF) -> int | None:
    """The one of these boxes whose middle is nearest to a point."""

    def distance(number: int) -> float:
        at = stage.at(number)
        return (at.center() - to).manhattanLength() if at is not None else float("inf")

    return min(numbers, key=distance, default=None)
