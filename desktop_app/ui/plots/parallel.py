"""A picture of trials by all their figures side by side: a line for each, the better the higher."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QPalette, QResizeEvent

from desktop_app.core.trial import Trial
from desktop_app.ui.plots.tradeoff import Line, Parallel
from desktop_app.ui.plots.trial_plot import TrialPlot
from desktop_app.ui.text import Words, tr
from desktop_app.ui.theme import small_font

Role = QPalette.ColorRole
REACH, LEAST_HEIGHT, MANY = 10, 110, 40
SHORT: Mapping[str, Words] = {"agreement": "Answers", "sqnr": "SQNR", "memory": "Memory"}
"""Titles that are too long to stand side by side."""
Heights = Sequence[float | None]
TITLE: Words = "Runs by all figures, side by side"


class ParallelPlot(TrialPlot[Parallel]):
    """Draws a `Parallel`: a click chooses the trial of a line.

    Args:
        words: What is told of a trial.
        name: Its object name.
        title: The canvas's accessible name.
    """

    def __init__(
        self,
        words: Callable[[Trial], str],
        *,
        name: str = "parallelPlot",
        title: Words = TITLE,
    ) -> None:
        super().__init__(Parallel(), tr(title), words, LEAST_HEIGHT)
        self.setObjectName(name)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # the table beside it takes the keys
        self.canvas.showAxes((False, False, False, False))
        self._posts, self._beyond, self._beaten, self._original, self._front, self._chosen = (
            self._added(pg.PlotDataItem()) for _ in range(6)
        )
        self._texts: list[pg.TextItem] = []
        self._bottom = 0.0

    def _draw(self) -> None:
        picture, canvas = self.picture, self.canvas
        canvas.paint_axes((), self.font())
        canvas.setXRange(-0.45, max(len(picture.axes), 2) - 0.55, padding=0)
        self._set_heights()
        lines = picture.lines
        posts = [coordinate for place in range(len(picture.axes)) for coordinate in (place, place, np.nan)]
        heights = [0.0, 1.0, np.nan] * len(picture.axes)
        self._posts.setData(posts, heights, pen=pg.mkPen(canvas.colour(Role.Mid), width=1), connect="finite")
        dim, thin = canvas.colour(Role.PlaceholderText, 0.75), Qt.PenStyle.SolidLine
        for item, kind, pen in (
            (self._beyond, _beyond, pg.mkPen(dim, width=1, style=Qt.PenStyle.DotLine)),
            (self._beaten, _beaten, pg.mkPen(dim, width=1, style=thin)),
            (self._front, _unbeaten, pg.mkPen(canvas.colour(Role.Accent), width=1 if len(lines) > MANY else 2)),
        ):
            item.setData(*path([line.heights for line in lines if kind(line)]), pen=pen, connect="finite")
        dashed = pg.mkPen(canvas.colour(Role.Text), width=1, style=Qt.PenStyle.DashLine)
        self._original.setData(*path([picture.original]), pen=dashed, connect="finite")
        self._mark()
        self._set_texts()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_heights()

    def _set_heights(self) -> None:
        """Leaves room for a line of text above the axes, and for two below them."""
        line = QFontMetricsF(small_font(self.font())).height() + 3
        height = max(self.canvas.height() - 3 * line - 6, LEAST_HEIGHT / 4)
        self._bottom = -(2 * line + 3) / height
        self.canvas.setYRange(self._bottom, 1 + (line + 3) / height, padding=0)
        for item in self._texts[: len(self.picture.axes)]:
            item.setPos(item.pos().x(), self._bottom)

    def _mark(self) -> None:
        heights = [line.heights for line in self.picture.lines if line.trial.id in self._selected]
        text = self.canvas.colour(Role.Text)
        self._chosen.setData(
            *path(heights), pen=pg.mkPen(text, width=2.5), connect="finite", symbol="o", symbolSize=7,
            symbolPen=pg.mkPen(text), symbolBrush=self.canvas.colour(Role.Base),
        )  # fmt: skip

    def _set_texts(self) -> None:
        """Title of each axis below it, its best figure above, its worst between them."""
        dim, text = self.canvas.colour(Role.PlaceholderText), self.canvas.colour(Role.Text)
        titles = [tr(SHORT.get(axis.id, axis.title)) for axis in self.picture.axes]
        told = [(title, place, self._bottom, (0.5, 1.0), text) for place, title in enumerate(titles)]
        for place, (axis, (worst, best)) in enumerate(zip(self.picture.axes, self.picture.ends, strict=True)):
            told.append((axis.text(best), place, 1.0, (0.5, 1.0), dim))
            if worst != best:
                told.append((axis.text(worst), place, 0.0, (0.5, 0.0), dim))
        while len(self._texts) < len(told):
            self._texts.append(self._added(pg.TextItem()))
        for place, item in enumerate(self._texts):
            item.setVisible(place < len(told))
            if place < len(told):
                words, x, y, anchor, colour = told[place]
                item.setFont(small_font(self.font()))
                item.setText(words, color=colour)
                item.setAnchor(anchor)
                item.setPos(x, y)

    def _under(self, point: QPoint) -> Trial | None:
        at = self.canvas.getViewBox().mapSceneToView(self.canvas.mapToScene(point))
        scale = abs(self.canvas.pixel(0, 1).y() - self.canvas.pixel(0, 0).y())
        near = []
        for place, line in enumerate(self.picture.lines):
            height = height_at(line.heights, at.x())
            if height is not None:
                near.append((abs(height - at.y()) * scale, place))
        distance, place = min(near, default=(REACH + 1.0, 0))
        return self.picture.lines[place].trial if distance <= REACH else None


def path(lines: Sequence[Heights]) -> tuple[np.ndarray, np.ndarray]:
    """Lines as the coordinates of one curve, with gaps between them and where a figure is missing."""
    x = [place for line in lines for place in (*range(len(line)), np.nan)]
    y = [np.nan if height is None else height for line in lines for height in (*line, None)]
    return np.array(x, dtype=float), np.array(y, dtype=float)


def height_at(heights: Heights, x: float) -> float | None:
    """How high a line is at a place between two axes; None beside the axes and where a figure is missing."""
    place = min(max(int(np.floor(x)), 0), len(heights) - 2)
    if len(heights) < 2 or not -0.2 <= x <= len(heights) - 0.8:
        return None
    left, right = heights[place], heights[place + 1]
    share = min(max(x - place, 0.0), 1.0)
    return None if left is None or right is None else left + (right - left) * share


def _beyond(line: Line) -> bool:
    return not line.feasible


def _beaten(line: Line) -> bool:
    return line.feasible and not line.on_front


def _unbeaten(line: Line) -> bool:
    return line.on_front
