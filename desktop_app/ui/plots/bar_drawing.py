"""The drawn part of a `BarPlot`: a bar for each stage with its figure above, and whiskers for the 95 % interval."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QFontMetricsF, QPalette, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.core.reach import reach
from desktop_app.ui import format as fmt
from desktop_app.ui.plots.apart import Text, feet
from desktop_app.ui.plots.plain import plain_plot
from desktop_app.ui.plots.series import ORIGINAL, Point, Series
from desktop_app.ui.theme import small_font

BAR_WIDTH = 0.6
AXIS_HEIGHT = 38
MARGIN = 12.0
"""Room beside the last bar: its name may be wider than the bar."""
FITS, LEAST_SCALE = 3, 0.4
SPARE = 0.06
"""Above the highest text, as a share of the picture."""
LEAST_HEIGHT = 150
MOST_STEPS = 4
BEHIND = -1
"""The grid belongs to the axes: it is drawn behind the bars."""


class BarDrawing(QWidget):
    """Draws a `Series` that has points."""

    def __init__(self, title: str, series: Series, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series = series
        self.plot = plain_plot(title, LEAST_HEIGHT)
        self.plot.getPlotItem().setContentsMargins(0.0, 0.0, MARGIN, 0.0)
        self._bars = pg.BarGraphItem(x=[], height=[], width=BAR_WIDTH, pen=pg.mkPen(None))
        self._whiskers = pg.ErrorBarItem()
        self._labels: list[pg.TextItem] = []
        self.plot.addItem(self._bars)
        self.plot.addItem(self._whiskers)
        self.plot.showAxes((True, False, False, True), showValues=True)
        self.plot.showGrid(y=True, alpha=0.15)
        self.plot.getAxis("bottom").setHeight(AXIS_HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self._draw()

    def show_series(self, series: Series) -> None:
        """Draws another series."""
        self.series = series
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_ticks()
        self._set_labels(self.palette().color(QPalette.ColorRole.Text))

    def _draw(self) -> None:
        """Draws the series anew with the items that are there: items made and dropped while Qt paints may crash it."""
        palette, points = self.palette(), self.series.points
        colours = palette.color(QPalette.ColorRole.PlaceholderText), palette.color(QPalette.ColorRole.Accent)
        self._set_axes(palette)
        places, values = np.arange(len(points), dtype=float), np.array([one.value for one in points])
        brushes = [pg.mkBrush(colours[one.stage != ORIGINAL]) for one in points]
        self._bars.setOpts(x=places, height=values, width=BAR_WIDTH, brushes=brushes or None)
        top = self._reach()
        known = [
            (x, one.value, one.low, min(one.high, top))
            for x, one in zip(places, points, strict=True)
            if one.high is not None
        ]
        x, y, low, high = np.array(known, dtype=float).reshape(-1, 4).T
        pen = pg.mkPen(palette.color(QPalette.ColorRole.Text), width=1.5)
        self._whiskers.setData(x=x, y=y, top=high - y, bottom=y - low, beam=0.18, pen=pen)
        self._set_labels(palette.color(QPalette.ColorRole.Text))

    def _set_axes(self, palette: QPalette) -> None:
        plot, points = self.plot, self.series.points
        plot.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("bottom", "left"):
            plot.getAxis(side).setZValue(BEHIND)
            plot.getAxis(side).setPen(pg.mkPen(palette.color(QPalette.ColorRole.Mid)))
            plot.getAxis(side).setStyle(tickFont=small_font(self.font()), hideOverlappingLabels=side == "left")
            plot.getAxis(side).setTextPen(palette.color(QPalette.ColorRole.PlaceholderText))
        self._set_ticks()
        plot.setYRange(0.0, self._reach() * 1.18, padding=0)
        plot.getAxis("left").setTickSpacing(levels=[(tick_step(self._reach()), 0)])
        plot.setXRange(-0.6, max(len(points), 3) - 0.4, padding=0)

    def _set_ticks(self) -> None:
        """Names the bars; where the names would run together, every other one stands a line lower."""
        titles = [one.short_title for one in self.series.points]
        widest = max((QFontMetricsF(small_font(self.font())).horizontalAdvance(title) for title in titles), default=0.0)
        if widest * 1.15 * max(len(titles), 3) > self.plot.getViewBox().width():
            titles = [f"\n{title}" if place % 2 else title for place, title in enumerate(titles)]
        self.plot.getAxis("bottom").setTicks([list(enumerate(titles))])

    def _reach(self) -> float:
        """How high the picture goes: an interval that would make all bars flat is cut off."""
        points = self.series.points
        return reach([one.value for one in points], [one.high for one in points if one.high is not None])

    def _told(self, point: Point) -> str:
        """The figure above a bar; an arrow says that the interval goes on."""
        beyond = point.high is not None and point.high > self._reach()
        return f"{fmt.figures(point.value)} ↑" if beyond else fmt.figures(point.value)

    def _label_places(self) -> tuple[float, ...]:
        """How high each figure stands, in the unit of the axis, and makes the picture as high as that needs."""
        points, top, view = self.series.points, self._reach(), self.plot.getViewBox()
        metrics = QFontMetricsF(small_font(self.font()))
        across = view.width() / max(len(points), 3)
        whole = max(view.height(), 1.0)
        texts = [
            Text(across * place, whole * min(one.high or one.value, top) / top, metrics.horizontalAdvance(told))
            for place, (one, told) in enumerate((one, self._told(one)) for one in points)
        ]
        scale = 1.0
        for _ in range(FITS):  # where the bars are lower, other texts may meet
            placed = feet([Text(one.middle, one.foot * scale, one.width) for one in texts], metrics.height())
            beyond = max(placed, default=0.0) + metrics.height() + SPARE * whole - whole
            if beyond <= 0:
                break
            scale = max(scale - beyond / whole, LEAST_SCALE)
        placed = feet([Text(one.middle, one.foot * scale, one.width) for one in texts], metrics.height())
        self.plot.setYRange(0.0, top / scale, padding=0)
        return tuple(foot / whole * top / scale for foot in placed)

    def _set_labels(self, colour: QColor) -> None:
        points, places = self.series.points, self._label_places()
        while len(self._labels) < len(points):
            label = pg.TextItem(anchor=(0.5, 1.0))
            self.plot.addItem(label, ignoreBounds=True)
            self._labels.append(label)
        for place, label in enumerate(self._labels):
            label.setVisible(place < len(points))
            label.setFont(small_font(self.font()))
            if place < len(points):
                label.setText(self._told(points[place]), color=colour)
                label.setPos(place, places[place])


def tick_step(top: float) -> float:
    """The step of an axis from 0 to `top`: 1, 2 or 5 times a power of ten, four steps at most."""
    least = top / MOST_STEPS if top > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least)
