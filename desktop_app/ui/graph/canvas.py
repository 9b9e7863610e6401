"""Where the graph is looked at: zoom, pan, and from box to box along the lines with the keys."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QToolTip, QWidget

from desktop_app.ui.graph.keys import press
from desktop_app.ui.graph.marks import Marks
from desktop_app.ui.graph.overview import Overview
from desktop_app.ui.graph.stage import BoxItem, FrameItem, Stage
from desktop_app.ui.graph.state import NONE, GraphState
from desktop_app.ui.graph.walk import Walk
from desktop_app.ui.graph.wires import incoming, outgoing, path_of
from desktop_app.ui.text import tr

FAR_BELOW = 0.3
"""Below this scale everything is drawn by colour only."""
LARGEST, SMALLEST, FIRST_LEAST = 3.0, 0.0005, 0.62
WHEEL_ZOOM = 1.0016
MARGIN, SHOWN_MARGIN = 60.0, 50
DRAG_FROM = 4


class GraphCanvas(QGraphicsView):
    """Shows a stage.

    Signals:
        menu_wanted: The user asked for the menu of a box (`NONE`: of the ground), at a place on the screen.
        find_wanted: The user wants to type what to look for.
    """

    menu_wanted = Signal(int, QPoint)
    find_wanted = Signal()

    def __init__(self, state: GraphState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graphCanvas")
        self.setAccessibleName(tr("Graph"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._state = state
        self._nothing = QGraphicsScene(self)
        self.setScene(self._nothing)
        self.stage: Stage | None = None
        self.walk: Walk | None = None
        self._pressed: QPoint | None = None
        self._panned = False
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.overview = Overview(self)
        self.tip_of: Callable[[int], str] = lambda number: ""

    @property
    def scale_now(self) -> float:
        """How large the graph is drawn; 1 is the size that it was laid out in."""
        return self.transform().m11()

    def show_stage(self, stage: Stage, anchor: int = NONE) -> None:
        """Shows another stage; the box or group `anchor` stays where it is on the screen."""
        before = self._on_screen(anchor)
        self._drop()
        self.stage, self.walk = stage, Walk(stage)
        stage.scene.setParent(self)
        picture = stage.picture
        room = max(MARGIN, self.viewport().width() * 0.4)
        stage.scene.setSceneRect(QRectF(0, 0, picture.width, picture.height).adjusted(-room, -room, room, room))
        self.setScene(stage.scene)
        self._go_back(before, anchor)
        self._choose_distance()
        self.mark(stage.paint.marks)
        self.overview.show_stage(stage)

    def clear(self) -> None:
        """Shows nothing."""
        self._drop()
        self.overview.show_stage(None)

    def _drop(self) -> None:
        """Lets the stage go; Qt takes its scene down later, with all items."""
        if self.stage is not None:
            self.setScene(self._nothing)
            self.stage.scene.deleteLater()
        self.stage = self.walk = None

    def mark(self, marks: Marks) -> None:
        """Shows what is selected, and the lines of the current box."""
        stage = self.stage
        if stage is None:
            return
        old, stage.paint.marks = stage.paint.marks, marks
        for number in old.chosen ^ marks.chosen | old.members ^ marks.members | {old.current, marks.current}:
            if number in stage.boxes:
                stage.boxes[number].update()
        stage.far.update()
        tree = self._state.tree
        if tree is None or marks.current not in stage.boxes or marks.current in stage.picture.scene.frames:
            stage.marked.setPath(path_of(stage.picture, ()))
            return
        pieces = dict.fromkeys((*incoming(tree, stage.picture, marks.current), *outgoing(stage.picture, marks.current)))
        stage.marked.setPath(path_of(stage.picture, pieces))

    def fit(self) -> None:
        """Shows the whole graph."""
        if self.stage is not None:
            picture, view = self.stage.picture, self.viewport().rect()
            wide = (view.width() - 2 * 16) / max(picture.width, 1.0)
            high = (view.height() - 2 * 16) / max(picture.height, 1.0)
            self._set_scale(min(wide, high, 1.5))
            self.centerOn(picture.width / 2, picture.height / 2)
            self._remember()

    def show_first(self) -> None:
        """Shows the whole graph where its texts can be read then, and else its beginning."""
        self.fit()
        if self.stage is not None and self.scale_now < FIRST_LEAST:
            picture, view = self.stage.picture, self.viewport().rect()
            along = view.height() if picture.across else view.width()
            across = picture.height if picture.across else picture.width
            self._set_scale(min(max((along - 32) / max(across, 1.0), FIRST_LEAST), 1.0))
            half = QPointF(view.width(), view.height()) / 2 / self.scale_now
            start = (
                QPointF(half.x() - 16, picture.height / 2)
                if picture.across
                else QPointF(picture.width / 2, half.y() - 16)
            )
            self.centerOn(start)
            self._remember()

    def zoom(self, factor: float, at: QPoint | None = None) -> None:
        """Draws larger or smaller; the point `at` of the viewport (the middle, where none is said) stays."""
        at = self.viewport().rect().center() if at is None else at
        before = self.mapToScene(at)
        self._set_scale(self.scale_now * factor)
        moved = self.mapFromScene(before) - at
        self.pan(moved.x(), moved.y())

    def reach(self, number: int, middle: bool = False) -> None:
        """Scrolls to a box where it is not to be seen."""
        at = self.stage.at(number) if self.stage is not None else None
        if at is None:
            return
        if middle or at.height() * self.scale_now > self.viewport().height():
            self.centerOn(at.center() if middle else QPointF(at.center().x(), at.top() + 60 / self.scale_now))
        else:
            self.ensureVisible(at, SHOWN_MARGIN, SHOWN_MARGIN)
        self._remember()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(WHEEL_ZOOM ** event.angleDelta().y(), event.position().toPoint())
            event.accept()
        else:
            super().wheelEvent(event)
            self._remember()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1.0 + event.value(), event.position().toPoint())
            return True
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_of(self._at(event.pos())), self.viewport())
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._panned = event.position().toPoint(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            over = self._at(event.position().toPoint()) != NONE
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.OpenHandCursor)
            return
        moved = event.position().toPoint() - self._pressed
        if self._panned or moved.manhattanLength() >= DRAG_FROM:
            self._panned = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pressed = event.position().toPoint()
            self.pan(-moved.x(), -moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._panned and event.button() == Qt.MouseButton.LeftButton:
            self._state.choose(self._at(event.position().toPoint()))
        self._pressed = None
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().toPoint())
        if number != NONE:
            self._state.choose(number)
            self._state.toggle(number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position, number = event.pos(), self._at(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            number = self._state.current
            at = self._on_screen(number)
            position = at.toPoint() if at is not None else self.viewport().rect().center()
        if number != NONE:
            self._state.choose(number)
        self.menu_wanted.emit(number, self.viewport().mapToGlobal(position))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press(self, self._state, event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.overview.settle()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.overview.follow()

    def pan(self, x: int, y: int) -> None:
        """Moves what is to be seen by so many pixels."""
        for bar, step in ((self.horizontalScrollBar(), x), (self.verticalScrollBar(), y)):
            bar.setValue(bar.value() + step)
        self._remember()

    def look_at(self, point: QPointF) -> None:
        """Brings a point of the graph into the middle."""
        self.centerOn(point)
        self._remember()

    def _at(self, position: QPoint) -> int:
        """The box or open group at a place of the viewport; `NONE` on the ground."""
        if self.stage is None:
            return NONE
        if self.stage.far.isVisible():
            return self.walk.at(self.mapToScene(position)) if self.walk is not None else NONE
        for item in self.items(position):
            if isinstance(item, (BoxItem, FrameItem)):
                return item.number
        return NONE

    def _set_scale(self, scale: float) -> None:
        scale = min(max(scale, SMALLEST), LARGEST)
        self.setTransform(QTransform.fromScale(scale, scale))
        self._choose_distance()

    def _choose_distance(self) -> None:
        if self.stage is not None:
            far = self.scale_now < FAR_BELOW
            self.stage.near.setVisible(not far)
            self.stage.far.setVisible(far)

    def _on_screen(self, number: int) -> QPointF | None:
        """Where the upper edge of a box is in the viewport."""
        at = self.stage.at(number) if self.stage is not None else None
        return None if at is None else QPointF(self.mapFromScene(QPointF(at.center().x(), at.top())))

    def _go_back(self, before: QPointF | None, anchor: int) -> None:
        at = self.stage.at(anchor) if self.stage is not None else None
        if before is not None and at is not None:
            moved = QPointF(self.mapFromScene(QPointF(at.center().x(), at.top()))) - before
            self.pan(round(moved.x()), round(moved.y()))
        elif self._state.spot is not None:
            scale, x, y = self._state.spot
            self._set_scale(scale)
            self.centerOn(x, y)
        else:
            self.show_first()

    def _remember(self) -> None:
        middle = self.mapToScene(self.viewport().rect().center())
        self._state.spot = (self.scale_now, middle.x(), middle.y())
        self.overview.follow()
