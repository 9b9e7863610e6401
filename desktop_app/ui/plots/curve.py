"""A picture of a training while it goes on: the loss on one side, what held-out samples say on the other."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.plots.plain import plain_plot
from desktop_app.ui.plots.training import Line, TrainingCurve
from desktop_app.ui.saving import Savable
from desktop_app.ui.text import stage_title, tr
from desktop_app.ui.theme import numbers_font, small_font
from desktop_app.ui.views.labels import label

LEAST_HEIGHT, SPARE = 150, 0.06
SYMBOLS = ("o", "t")
PATTERNS = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)
"""Lines in one picture differ in these, not in colour alone."""


class CurvePlot(QWidget):
    """Draws a `TrainingCurve` and lists it; hidden while there is none.

    Args:
        titled: What the user calls the stage that trains.
    """

    def __init__(self, parent: QWidget | None = None, titled: Callable[[str], str] = stage_title) -> None:
        super().__init__(parent)
        self._titled = titled
        self.setObjectName("curvePlot")
        self.curve: TrainingCurve | None = None
        self._title = label(heading=True)
        self._loss, self._judged = _Picture(tr("Loss over the training")), _Picture(tr("Agreement over the training"))
        self._rows = RowsModel(
            (Heading("Over the training", False), Heading("First"), Heading("Best"), Heading("Now")), self
        )
        self._table = table_view(self._rows, tr("The training in figures"))
        self._table.setFont(numbers_font(self._table.font()))
        both = QWidget()
        Savable(self, tr("Training"), picture=both, table=self._table, menus_on=(self._loss.plot, self._judged.plot))
        pictures = QHBoxLayout(both)
        pictures.setContentsMargins(0, 0, 0, 0)
        pictures.setSpacing(12)
        pictures.addWidget(self._loss, 1)
        pictures.addWidget(self._judged, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addWidget(both, 1)
        layout.addWidget(self._table)

    def show_curve(self, curve: TrainingCurve | None) -> None:
        """Draws and lists a training; one that is drawn already is left alone."""
        if curve != self.curve:
            self.curve = curve
            self._draw()

    def _draw(self) -> None:
        curve = self.curve
        if curve is None:
            return
        self._title.setText(tr("{stage}: training").format(stage=self._titled(curve.stage)))
        judged = tuple(line for line in curve.judged if line.spots)
        self._loss.show_lines((curve.loss,), curve.told)
        self._judged.show_lines(judged, curve.told)
        self._judged.setVisible(bool(judged))
        self._rows.show([tuple(Entry(cell) for cell in row) for row in curve.rows()])
        header = self._table.horizontalHeader().sizeHint().height()
        self._table.setFixedHeight(
            header + self._rows.rowCount() * self._table.verticalHeader().defaultSectionSize() + 2
        )


class _Picture(QWidget):
    """One plot with its title, and a line for each metric; items are made once, as in `BarPlot`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._title = label(quiet=True)
        self.plot = plain_plot(name, LEAST_HEIGHT)
        self._lines: tuple[Line, ...] = ()
        self._end = 0
        self._items = [pg.PlotDataItem([], []) for _ in SYMBOLS]
        for item in self._items:
            self.plot.addItem(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._title)
        layout.addWidget(self.plot, 1)

    def show_lines(self, lines: tuple[Line, ...], end: int) -> None:
        """Draws lines up to a batch."""
        self._lines, self._end = lines, end
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw()

    def _draw(self) -> None:
        palette, lines = self.palette(), self._lines
        colours = palette.color(QPalette.ColorRole.Accent), palette.color(QPalette.ColorRole.Text)
        self._title.setText(_legend(lines))
        for place, item in enumerate(self._items):
            line = lines[place] if place < len(lines) else None
            x, y = _points(line)
            few = line is not None and line.share
            pen = pg.mkPen(colours[place], width=1.5, style=PATTERNS[place])
            item.setData(x, y, pen=pen, symbol=SYMBOLS[place] if few else None, symbolSize=6)
            item.setSymbolBrush(pg.mkBrush(colours[place]))
            item.setSymbolPen(pg.mkPen(None))
        self._set_axes(palette)

    def _set_axes(self, palette: QPalette) -> None:
        plot = self.plot
        plot.setBackground(palette.color(QPalette.ColorRole.Base))
        font = small_font(self.font())
        for side in ("bottom", "left"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(palette.color(QPalette.ColorRole.Mid)))
            axis.setTextPen(palette.color(QPalette.ColorRole.PlaceholderText))
            axis.setStyle(tickFont=font)
        plot.showGrid(y=True, alpha=0.15)
        low, high = span([y for line in self._lines for y in _points(line)[1]])
        plot.setYRange(low, high, padding=0)
        plot.setXRange(0, max(self._end, 1), padding=0.02)


def span(values: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis that shows all the values, with some room beyond them."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = SPARE * (high - low) or SPARE * abs(high) or 1.0
    return low - room, high + room


def _points(line: Line | None) -> tuple[np.ndarray, np.ndarray]:
    """Batches and figures; shares in per cent."""
    spots = line.spots if line is not None else ()
    times = 100.0 if line is not None and line.share else 1.0
    return np.array([one.at for one in spots], dtype=float), np.array([times * one.value for one in spots])


def _legend(lines: Sequence[Line]) -> str:
    """Titles of the lines with their newest figures, and how each is drawn where there are several."""
    drawn = ("●", "▼") if len(lines) > 1 else ("",)
    told = [f"{sign} {line.title} {line.text(line.spots[-1])}" for sign, line in zip(drawn, lines, strict=False)]
    return "    ".join(told).strip()
