"""A picture of a series with its table below; drawn by `bar_drawing`, which is loaded when there is something."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.plots.series import Series
from desktop_app.ui.saving import Savable
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font
from desktop_app.ui.views.labels import label

if TYPE_CHECKING:
    from desktop_app.ui.plots.bar_drawing import BarDrawing

LEAST_ROWS = 5
CELL_MARGIN = 14
SHARE = 2


class BarPlot(QWidget):
    """Draws a `Series` and lists it."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.series = Series(title, "")
        self._title = QLabel(title)
        self._title.setProperty("heading", True)
        self._drawing: BarDrawing | None = None
        self._empty = label(tr("Drawn step by step while a run goes on."), quiet=True, wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._rows = RowsModel((Heading("After", False), Heading(title), Heading("Share")), self)
        self._table = table_view(self._rows, tr("{title}, step by step").format(title=title))
        self._table.setFont(numbers_font(self._table.font()))
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit_table()
        drawn = QWidget(self)
        self._above = QVBoxLayout(drawn)
        self._above.setContentsMargins(0, 0, 0, 0)
        self._above.addWidget(self._title)
        self._above.addWidget(self._empty, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(drawn, 1)
        layout.addWidget(self._table)
        self._savable = Savable(self, title, picture=drawn, table=self._table)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
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
        there = bool(self.series.points)
        self._empty.setVisible(not there)
        self._table.setVisible(there)
        if self._drawing is not None:
            self._drawing.setVisible(there)
            if there:
                self._drawing.show_series(self.series)
        elif there:
            self._make_drawing()

    def _make_drawing(self) -> None:
        from desktop_app.ui.plots.bar_drawing import BarDrawing  # not above: the window is shown before it is loaded

        self._drawing = BarDrawing(self._title.text(), self.series)
        self._above.addWidget(self._drawing, 1)
        self._savable.offer_on(self._drawing.plot)
