"""Draws boxes and open groups with any painter: on the screen, and into files."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from desktop_app.ui.graph.inks import Inks
from desktop_app.ui.graph.looks import Look
from desktop_app.ui.graph.sizes import LINE_PAD, MARK, PAD, Measured

RADIUS, BADGE_RADIUS = 7.0, 5.0
ABOVE = 0.78
"""The part of a badge that stands above its box, so that it hides no text in it."""
TEXT_FROM, ROUND_FROM = 0.42, 0.3
"""At smaller scales nobody can read text, or see that corners are round."""


class Brush:
    """Draws in the colours of now."""

    def __init__(self, look: Inks) -> None:
        self.inks = look
        self._title, self._small = QFontMetricsF(look.title), QFontMetricsF(look.small)
        self._edge = QPen(look.edge, 1.0)
        self._edges = tuple(QPen(colour, 1.0) for colour in look.edges)
        self._chosen = QPen(look.accent, 2.0)
        self._member = QPen(look.accent, 1.2)
        self._halo = QPen(look.halo, 6.0)
        self._current = QPen(look.accent, 1.4, Qt.PenStyle.DashLine)

    def box(
        self,
        painter: QPainter,
        at: QRectF,
        measured: Measured,
        look: Look,
        scale: float = 1.0,
        chosen: bool = False,
        current: bool = False,
        member: bool = False,
    ) -> None:
        """A box: closed groups lie on a second sheet, inputs and outputs are round."""
        inks, kind = self.inks, measured.caption.kind
        step = None if look.level is None else inks.step(look.level)
        fill = inks.box if step is None else inks.ramp[step]
        edge = self._edge if step is None else self._edges[step]
        radius = (at.height() / 2 if kind in ("end", "node") else RADIUS) if scale > ROUND_FROM else 0.0
        if chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._halo)
            painter.drawRoundedRect(at, radius, radius)
        painter.setPen(self._chosen if chosen else self._member if member else edge)
        painter.setBrush(fill)
        if kind == "group" and scale > ROUND_FROM:
            for shift in (5.0, 2.5):
                painter.drawRoundedRect(at.adjusted(shift, shift, -shift, shift), radius, radius)
        painter.drawRoundedRect(at, radius, radius)
        if current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._current)
            painter.drawRoundedRect(at.adjusted(-4, -4, 4, 4), radius + 3, radius + 3)
        if scale >= TEXT_FROM:
            self._texts(painter, at, measured, look, step)
            if look.badges:
                self._badges(painter, at, look)

    def frame(
        self,
        painter: QPainter,
        at: QRectF,
        measured: Measured,
        look: Look,
        depth: int,
        scale: float,
        chosen: bool,
        current: bool,
    ) -> None:
        """An open group: its ground, its title, and its figure."""
        inks = self.inks
        painter.setPen(self._chosen if chosen else QPen(inks.edge, 0.8))
        painter.setBrush(inks.frames[min(depth, len(inks.frames) - 1)])
        painter.drawRoundedRect(at, RADIUS + 3, RADIUS + 3)
        if current:
            painter.setPen(self._current)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(at.adjusted(-4, -4, 4, 4), RADIUS + 6, RADIUS + 6)
        if scale < TEXT_FROM * 0.7:
            return
        baseline = at.top() + LINE_PAD + 3 + self._title.ascent()
        self._mark(painter, at.left() + PAD, baseline, opened=True)
        painter.setFont(inks.title)
        painter.setPen(inks.text)
        painter.drawText(QPointF(at.left() + PAD + MARK, baseline), measured.title)
        if look.figure and at.width() > measured.width + 40:
            painter.setFont(inks.small)
            painter.setPen(inks.quiet)
            wide = self._small.horizontalAdvance(look.figure)
            painter.drawText(QPointF(at.right() - PAD - wide, baseline), look.figure)

    def _texts(self, painter: QPainter, at: QRectF, measured: Measured, look: Look, step: int | None) -> None:
        inks, caption = self.inks, measured.caption
        ink = inks.text if step is None else inks.on_ramp[step]
        quiet = inks.quiet if step is None else inks.quiet_on_ramp[step]
        baseline = at.top() + LINE_PAD + self._title.ascent()
        left = at.left() + PAD
        if caption.kind == "group":
            self._mark(painter, left, baseline, opened=False, colour_step=step)
            left += MARK
        painter.setFont(inks.title if caption.kind in ("layer", "group") else inks.plain)
        painter.setPen(ink if caption.kind != "end" else quiet)
        painter.drawText(QPointF(left, baseline), measured.title)
        if measured.name:
            painter.setFont(inks.plain)
            painter.setPen(ink)
            painter.drawText(QPointF(at.left() + measured.name_at, baseline), measured.name)
        if caption.kind in ("node", "end"):
            return
        below = at.bottom() - LINE_PAD - self._small.descent()
        painter.setFont(inks.small)
        painter.setPen(quiet)
        painter.drawText(QPointF(at.left() + PAD, below), caption.line)
        if look.figure:
            painter.setPen(ink)
            painter.drawText(QPointF(at.right() - PAD - self._small.horizontalAdvance(look.figure), below), look.figure)

    def _mark(self, painter: QPainter, x: float, baseline: float, opened: bool, colour_step: int | None = None) -> None:
        """The small triangle that says that a group can be opened or closed."""
        middle = baseline - self._title.ascent() * 0.36
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.inks.quiet if colour_step is None else self.inks.quiet_on_ramp[colour_step])
        if opened:
            corners = (QPointF(x, middle - 2.5), QPointF(x + 8, middle - 2.5), QPointF(x + 4, middle + 3))
        else:
            corners = (QPointF(x + 1.5, middle - 4), QPointF(x + 7, middle), QPointF(x + 1.5, middle + 4))
        painter.drawPolygon(QPolygonF(corners))

    def _badges(self, painter: QPainter, at: QRectF, look: Look) -> None:
        """Small labels across the upper edge, from the right."""
        inks = self.inks
        painter.setFont(inks.small)
        right, height = at.right() - 6, self._small.height() + 1
        for text, tone in reversed(look.badges):
            width = max(self._small.horizontalAdvance(text) + 9, height)
            place = QRectF(right - width, at.top() - height * ABOVE, width, height)
            painter.setPen(QPen(inks.ground, 1.2))
            painter.setBrush({"asked": inks.asked, "locked": inks.edge, "refused": inks.warn}[tone])
            painter.drawRoundedRect(place, BADGE_RADIUS, BADGE_RADIUS)
            painter.setPen({"asked": inks.on_badge, "locked": inks.on_edge, "refused": inks.ground}[tone])
            left = place.center().x() - self._small.horizontalAdvance(text) / 2
            painter.drawText(QPointF(left, place.center().y() + self._small.capHeight() / 2), text)
            right -= width + 3
