"""What the colours mean."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.graph.inks import STEPS, Inks

WIDTH, HEIGHT, GAP = 92, 9, 7


class Legend(QWidget):
    """The ramp of colours between what its ends mean."""

    def __init__(self, look: Inks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graphLegend")
        self._inks = look
        self._ends = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def show_ends(self, look: Inks, title: str, ends: tuple[str, str], why_not: str) -> None:
        """Shows what the colours mean; `why_not` where nothing is known yet."""
        self._inks, self._ends = look, ends
        self.setAccessibleName(why_not or f"{title}: {ends[0]} – {ends[1]}")
        self.setVisible(not why_not and any(ends))  # before anything is measured, colours mean nothing
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._inks.small)
        text = sum(metrics.horizontalAdvance(end) for end in self._ends)
        return QSize(text + 2 * GAP + WIDTH, metrics.height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._inks.small)
        painter.setPen(self._inks.quiet)
        metrics = QFontMetrics(self._inks.small)
        left = metrics.horizontalAdvance(self._ends[0])
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(0, int(baseline), self._ends[0])
        painter.drawText(left + 2 * GAP + WIDTH, int(baseline), self._ends[1])
        top, step = (self.height() - HEIGHT) / 2, WIDTH / STEPS
        painter.setPen(Qt.PenStyle.NoPen)
        for place, colour in enumerate(self._inks.ramp):
            painter.setBrush(colour)
            painter.drawRect(QRectF(left + GAP + place * step, top, step + 0.6, HEIGHT))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._inks.edge)
        painter.drawRect(QRectF(left + GAP, top, WIDTH, HEIGHT))
