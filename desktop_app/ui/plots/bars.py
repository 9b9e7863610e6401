"""A picture of a series: a bar for each stage, whiskers for the 95 % interval, the table below."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.reach import reach
from desktop_app.ui import format as fmt
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.plots.apart import Text, feet
from desktop_app.ui.plots.series import ORIGINAL, Point, Series
from desktop_app.ui.saving import Savable
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font, small_font
from desktop_app.ui.views.labels import label

BAR_WIDTH = 0.6
AXIS_HEIGHT = 38
MARGIN = 12.0
"""Room beside the last bar: its name may be wider than the bar."""
FITS, LEAST_SCALE = 3, 0.4
SPARE = 0.06
"""Above the highest text, as a share of the picture."""
LEAST_HEIGHT, LEAST_ROWS = 150, 5
CELL_MARGIN = 14
MOST_STEPS = 4
BEHIND = -1
"""The grid belongs to the axes: it is drawn behind the bars."""
SHARE = 2


class BarPlot(QWidget):
    """Draws a `Series` and lists it."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.series = Series(title, "")
        self._title = QLabel(title)
        self._title.setProperty("heading", True)
        self._plot = pg.PlotWidget()
        for part in (self._plot, self._plot.viewport()):
            part.setAccessibleName(title)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(False, False)
        self._plot.hideButtons()
        self._plot.getPlotItem().setContentsMargins(0.0, 0.0, MARGIN, 0.0)
        self._plot.setMinimumHeight(LEAST_HEIGHT)
        self._plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._empty = label(tr("Drawn step by step while a run goes on."), quiet=True, wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bars = pg.BarGraphItem(x=[], height=[], width=BAR_WIDTH, pen=pg.mkPen(None))
        self._whiskers = pg.ErrorBarItem()
        self._labels: list[pg.TextItem] = []
        self._plot.addItem(self._bars)
        self._plot.addItem(self._whiskers)
        self._rows = RowsModel((Heading("After", False), Heading(title), Heading("Share")), self)
        self._table = table_view(self._rows, tr("{title}, step by step").format(title=title))
        self._table.setFont(numbers_font(self._table.font()))
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit_table()
        drawn = QWidget()
        above = QVBoxLayout(drawn)
        above.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self._title, 0), (self._empty, 1), (self._plot, 1)):
            above.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(drawn, 1)
        layout.addWidget(self._table)
        Savable(self, title, picture=drawn, table=self._table, menus_on=(self._plot,))
        self._draw()

    def show_series(self, series: Series) -> None:
        """Draws and lists a series; one that is drawn already is left alone."""
        if series != self.series:
            self.series = series
            self._title.setText(series.heading)
            self._table.setColumnHidden(SHARE, any(one.high is not None for one in series.points))
            self._fill_table()
            self._fit_table()
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_ticks()
        self._set_labels(self.palette().color(QPalette.ColorRole.Text))
        self._fill_table()

    def _fill_table(self) -> None:
        """Names the steps in full where there is room for that, else in one word each."""
        rows, metrics = self.series.rows(), self._table.fontMetrics()
        needed = max((metrics.horizontalAdvance(name) for name, *_ in rows), default=0)
        others = max((metrics.horizontalAdvance(text) for _, text, _ in rows), default=0)
        share = 0 if self._table.isColumnHidden(SHARE) else metrics.horizontalAdvance("100 %") + CELL_MARGIN
        short = needed + others + share + 2 * CELL_MARGIN > self._table.width()
        names = [one.short_title if short else one.title for one in self.series.points]
        shown = [
            (Entry(name, tip=row[0]), *(Entry(cell) for cell in row[1:])) for name, row in zip(names, rows, strict=True)
        ]
        if shown != self._rows.rows():
            self._rows.show(shown)

    def _fit_table(self) -> None:
        """Every row is seen; the picture has the rest of the height."""
        rows = max(self._rows.rowCount(), LEAST_ROWS)
        header = self._table.horizontalHeader().sizeHint().height()
        self._table.setFixedHeight(header + rows * self._table.verticalHeader().defaultSectionSize() + 2)

    def _draw(self) -> None:
        """Draws the series anew with the items that are there: items made and dropped while Qt paints may crash it."""
        palette, points = self.palette(), self.series.points
        colours = palette.color(QPalette.ColorRole.PlaceholderText), palette.color(QPalette.ColorRole.Accent)
        self._empty.setVisible(not points)
        self._plot.setVisible(bool(points))
        self._table.setVisible(bool(points))
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
        plot, points = self._plot, self.series.points
        plot.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("bottom", "left"):
            plot.getAxis(side).setZValue(BEHIND)
            plot.getAxis(side).setPen(pg.mkPen(palette.color(QPalette.ColorRole.Mid)))
            plot.getAxis(side).setStyle(tickFont=small_font(self.font()), hideOverlappingLabels=side == "left")
            plot.getAxis(side).setTextPen(palette.color(QPalette.ColorRole.PlaceholderText))
        plot.getAxis("bottom").setHeight(AXIS_HEIGHT if points else None)
        self._set_ticks()
        plot.showAxes((bool(points), False, False, bool(points)), showValues=True)
        plot.showGrid(y=bool(points), alpha=0.15)
        plot.setYRange(0.0, self._reach() * 1.18, padding=0)
        plot.getAxis("left").setTickSpacing(levels=[(tick_step(self._reach()), 0)])
        plot.setXRange(-0.6, max(len(points), 3) - 0.4, padding=0)

    def _set_ticks(self) -> None:
        """Names the bars; where the names would run together, every other one stands a line lower."""
        titles = [one.short_title for one in self.series.points]
        widest = max((QFontMetricsF(small_font(self.font())).horizontalAdvance(title) for title in titles), default=0.0)
        if widest * 1.15 * max(len(titles), 3) > self._plot.getViewBox().width():
            titles = [f"\n{title}" if place % 2 else title for place, title in enumerate(titles)]
        self._plot.getAxis("bottom").setTicks([list(enumerate(titles))])

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
        points, top, view = self.series.points, self._reach(), self._plot.getViewBox()
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
        self._plot.setYRange(0.0, top / scale, padding=0)
        return tuple(foot / whole * top / scale for foot in placed)

    def _set_labels(self, colour: QColor) -> None:
        points, places = self.series.points, self._label_places()
        while len(self._labels) < len(points):
            label = pg.TextItem(anchor=(0.5, 1.0))
            self._plot.addItem(label, ignoreBounds=True)
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
