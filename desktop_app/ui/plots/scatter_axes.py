"""The axes of a picture by two figures: what they are called, and from where to where they go."""

from math import ceil, floor, log10

import numpy as np
from PySide6.QtGui import QFont, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.ui.plots.axes import Axis, Interval, axis_title
from desktop_app.ui.plots.canvas import Canvas
from desktop_app.ui.plots.tradeoff import TradeOff
from desktop_app.ui.text import tr
from desktop_app.ui.theme import small_font

SIDES = ("bottom", "left")
SPARE, MARGIN = 0.1, 6.0
"""Of what is drawn, left free around it; pixels beside the title of an axis."""
BELOW = 4.0
"""Pixels below the title of the lower axis, which pyqtgraph lets stand out of the picture by so much."""


class ScatterAxes:
    """Keeps the axes of a canvas, which are slow to draw anew: only what has changed.

    Attributes:
        across: From where to where the picture goes.
        upwards: The same upwards, before there is room for names.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        canvas.getPlotItem().setContentsMargins(0.0, 0.0, 0.0, BELOW)
        self.across: Interval = (0.0, 1.0)
        self.upwards: Interval = (0.0, 1.0)
        self._look: object = None
        self._named: tuple[str, ...] = ()

    def paint(self, font: QFont) -> None:
        """Takes the colours of the palette, and letters."""
        look = QApplication.palette().cacheKey(), font.key()
        if look != self._look:
            self._look = look
            self._canvas.paint_axes(SIDES, font)
            self._canvas.showGrid(x=True, y=True, alpha=0.12)
            self._named = ()

    def name(self, picture: TradeOff, font: QFont) -> None:
        """Names the axes, and says what is better as far as there is room for that."""
        small, view = small_font(font), self._canvas.getViewBox()
        metrics = QFontMetricsF(small)
        named = tuple(
            _better(axis) if metrics.horizontalAdvance(_better(axis)) + MARGIN < room else axis_title(axis)
            for axis, room in zip((picture.x, picture.y), (view.width(), view.height()), strict=True)
        )
        if named == self._named:
            return
        self._named = named
        colour = self._canvas.colour(QPalette.ColorRole.PlaceholderText).name()
        for side, told in zip(SIDES, named, strict=True):
            self._canvas.getAxis(side).setLabel(told, color=colour)
            self._canvas.getAxis(side).label.setFont(small)

    def spread(self, picture: TradeOff) -> None:
        """Sees to it that all is seen; upwards the names above the dots have their say, too."""
        self.across, self.upwards = (_range(ends) for ends in _extent(picture))
        self._canvas.setXRange(*self.across, padding=0)


def has_width(interval: Interval | None) -> bool:
    """Whether there is an interval that can be drawn."""
    return interval is not None and interval[0] < interval[1]


def _better(axis: Axis) -> str:
    text = tr("{axis} (less is better)") if axis.less_is_better else tr("{axis} (more is better)")
    return text.format(axis=axis_title(axis))


def _extent(picture: TradeOff) -> tuple[Interval, Interval]:
    """From where to where what must fit into the picture goes, across and upwards."""
    spots = [(dot.x, dot.y) for dot in picture.dots]
    spots += [(end, dot.y) for dot in picture.dots if has_width(dot.x_interval) for end in dot.x_interval or ()]
    spots += [(dot.x, end) for dot in picture.dots if has_width(dot.y_interval) for end in dot.y_interval or ()]
    spots += [picture.original] if picture.original is not None else []
    if not spots:
        return (0.0, 1.0), (0.0, 1.0)
    low, high = np.min(spots, axis=0), np.max(spots, axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _range(ends: Interval) -> Interval:
    """What is seen of an axis: a little more than what must be, to a round number: it seldom changes."""
    low, high = ends
    spare = (high - low) * SPARE or abs(high) * SPARE or 1.0
    step = 10.0 ** (floor(log10((high - low) or spare)) - 1)
    return floor((low - spare) / step) * step, ceil((high + spare) / step) * step
