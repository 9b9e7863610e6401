"""Draws small pictures: many of them fill the inspector, so each is one light widget."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.plots.mini import Bar, Line, Mark, MiniPicture, Style, Symbol, Table
from desktop_app.ui.theme import is_contrast, is_dark, small_font

LEAST_HEIGHT, MOST_HEIGHT, RATIO = 92, 150, 0.4
EDGE, GAP, RADIUS = 2.0, 4.0, 3.0
BLANK = MiniPicture("", Table((), ()))


class MiniPlot(QWidget):
    """Draws a `MiniPicture`; can be focused, so that its menu can be reached by keys."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(LEAST_HEIGHT)
        self.picture = BLANK

    def show_picture(self, picture: MiniPicture) -> None:
        """Draws another picture; one that is drawn already is left alone."""
        if picture != self.picture:
            self.picture = picture
            self.setAccessibleDescription(picture.words)
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wider pictures are higher, too: Qt's own way to say so does not reach through scroll areas."""
        super().resizeEvent(event)
        self.setFixedHeight(min(max(round(RATIO * self.width()), LEAST_HEIGHT), MOST_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        _Drawing(painter, self.picture, QRectF(self.rect()), self.palette()).draw()
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class _Drawing:
    """One drawing of one picture."""

    def __init__(self, painter: QPainter, picture: MiniPicture, whole: QRectF, palette: QPalette) -> None:
        self._painter, self._picture, self._palette = painter, picture, palette
        self._metrics = QFontMetricsF(painter.font())
        self._told: list[tuple[float, float]] = []
        widest = max((self._metrics.horizontalAdvance(tick.text) for tick in picture.y_ticks), default=0.0)
        below = self._metrics.height() + 2 if picture.x_ticks else EDGE
        above = self._metrics.height() if picture.captions or any(mark.text for mark in picture.marks) else GAP
        left = widest + GAP if widest else EDGE
        self._area = whole.adjusted(left, above, -EDGE, -below)

    def draw(self) -> None:
        """Draws all of it, from the ground up."""
        self._draw_ticks()
        for bar in self._picture.bars:
            self._draw_bar(bar)
        self._painter.setPen(QPen(self._colour(QPalette.ColorRole.Mid), 1))
        self._painter.drawLine(self._area.bottomLeft(), self._area.bottomRight())
        for line in self._picture.lines:
            self._draw_line(line)
        for mark in self._picture.marks:
            self._draw_mark(mark)
        self._painter.setPen(self._colour(QPalette.ColorRole.PlaceholderText))
        for caption in self._picture.captions:
            width = self._metrics.horizontalAdvance(caption.text)
            self._painter.drawText(QPointF(self._x(caption.at) - width / 2, self._area.top() - 3), caption.text)

    def _colour(self, role: QPalette.ColorRole, alpha: int = 255) -> QColor:
        colour = QColor(self._palette.color(role))
        colour.setAlpha(alpha)
        return colour

    def _x(self, value: float) -> float:
        low, high = self._picture.x_range
        return self._area.left() + (value - low) / ((high - low) or 1.0) * self._area.width()

    def _y(self, value: float) -> float:
        low, high = self._picture.y_range
        share = min(max((value - low) / ((high - low) or 1.0), 0.0), 1.0)
        return self._area.bottom() - share * self._area.height()

    def _draw_ticks(self) -> None:
        painter, end = self._painter, -1e9
        for tick in self._picture.y_ticks:
            y = self._y(tick.at)
            painter.setPen(QPen(self._colour(QPalette.ColorRole.Mid, 130), 1))
            painter.drawLine(QPointF(self._area.left(), y), QPointF(self._area.right(), y))
            painter.setPen(self._colour(QPalette.ColorRole.PlaceholderText))
            box = QRectF(0, y - self._metrics.height() / 2, self._area.left() - GAP, self._metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tick.text)
        painter.setPen(self._colour(QPalette.ColorRole.PlaceholderText))
        for tick in sorted(self._picture.x_ticks, key=lambda one: one.at):
            width = self._metrics.horizontalAdvance(tick.text)
            left = min(max(self._x(tick.at) - width / 2, max(self._area.left() - GAP, 0.0)), self._area.right() - width)
            if left > end:  # those that would run together are left out
                painter.drawText(QPointF(left, self._area.bottom() + self._metrics.ascent() + 2), tick.text)
                end = left + width + 1

    def _draw_bar(self, bar: Bar) -> None:
        left, right, top = self._x(bar.left), self._x(bar.right), self._y(bar.top)
        gap = 1.0 if right - left > 4 else 0.0
        area = QRectF(left, top, max(right - left - gap, 0.6), self._area.bottom() - top)
        antialiased = right - left > 4
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, antialiased)
        if bar.style == "gone":
            self._painter.fillRect(area, self._colour(QPalette.ColorRole.PlaceholderText, 50))
        self._painter.fillRect(area, self._brush(bar.style))
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)

    def _brush(self, style: Style) -> QBrush:
        if style == "gone":
            return QBrush(self._colour(QPalette.ColorRole.PlaceholderText), Qt.BrushStyle.BDiagPattern)
        if style == "pale":
            return QBrush(self._colour(QPalette.ColorRole.Mid, 255 if is_contrast() or is_dark() else 150))
        return QBrush(self._colour(QPalette.ColorRole.Accent, 255 if style == "chosen" else 170 if is_dark() else 120))

    def _draw_line(self, line: Line) -> None:
        painter, colour = self._painter, self._colour(QPalette.ColorRole.Text)
        spots = [QPointF(self._x(x), self._y(y)) for x, y in line.points]
        painter.setPen(QPen(colour, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(spots))
        for place, spot in enumerate(spots):
            ringed = place in line.ringed
            painter.setPen(QPen(self._colour(QPalette.ColorRole.Base), 1))
            painter.setBrush(self._colour(QPalette.ColorRole.Accent) if ringed else colour)
            _draw_symbol(painter, line.symbol, spot, RADIUS)
            if ringed:
                painter.setPen(QPen(self._colour(QPalette.ColorRole.Accent), 1.6))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(spot, RADIUS + 3, RADIUS + 3)

    def _draw_mark(self, mark: Mark) -> None:
        role = QPalette.ColorRole.Accent if mark.chosen else QPalette.ColorRole.PlaceholderText
        style = Qt.PenStyle.SolidLine if mark.chosen else Qt.PenStyle.DashLine
        x = self._x(mark.at)
        self._painter.setPen(QPen(self._colour(role), 1.6, style))
        self._painter.drawLine(QPointF(x, self._area.top()), QPointF(x, self._area.bottom()))
        if mark.text:
            width = self._metrics.horizontalAdvance(mark.text)
            left = min(max(x - width / 2, self._area.left()), self._area.right() - width)
            if any(left < right and start < left + width for start, right in self._told):
                return  # two words would run together; the sentence below has both
            self._told.append((left, left + width + GAP))
            self._painter.setPen(self._colour(QPalette.ColorRole.Link if mark.chosen else role))
            self._painter.drawText(QPointF(left, self._area.top() - 3), mark.text)


def _draw_symbol(painter: QPainter, symbol: Symbol, spot: QPointF, radius: float) -> None:
    if symbol == "circle":
        painter.drawEllipse(spot, radius, radius)
    elif symbol == "square":
        painter.drawRect(QRectF(spot.x() - radius, spot.y() - radius, 2 * radius, 2 * radius))
    elif symbol == "triangle":
        corners = ((-radius, radius), (radius, radius), (0.0, -radius))
        painter.drawPolygon(QPolygonF([QPointF(spot.x() + x, spot.y() + y) for x, y in corners]))
