"""Names above the dots of a picture, none over another, with room made for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetricsF, QPalette

from desktop_app.ui.plots.apart import Text, feet
from desktop_app.ui.plots.axes import Interval
from desktop_app.ui.plots.canvas import Canvas
from desktop_app.ui.theme import small_font

ABOVE, MARGIN, FITS = 5.0, 6.0, 3
"""Pixels between a dot and its name, and above the highest name; how often room is sought for names."""
BELOW = 12.0
"""Pixels below the lowest dot: the ring of a selected one is seen whole."""
STEPS = 10
"""Room for names is made in tenths of the picture: its axis changes seldom."""


@dataclass(frozen=True)
class Name:
    """A text above a spot, and whether it is to be seen well."""

    text: str
    x: float
    y: float
    strong: bool


class ScatterNames:
    """Draws names, with items that are made once, and settles how far up the picture goes."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._items: list[pg.TextItem] = []

    def show(self, names: Sequence[Name], across: Interval, upwards: Interval, font: QFont) -> None:
        """Shows these names, and no others.

        Args:
            names: Whatever their order, the first keep their places.
            across: From where to where the picture goes.
            upwards: The same upwards, as far as dots need it.
            font: Of the picture; names are smaller.
        """
        while len(self._items) < len(names):
            self._items.append(pg.TextItem(anchor=(0.5, 1.0)))
            self._canvas.addItem(self._items[-1], ignoreBounds=True)
        small, roles = small_font(font), QPalette.ColorRole
        strong, dim = self._canvas.colour(roles.Text), self._canvas.colour(roles.PlaceholderText)
        heights = self._heights(names, across, upwards, QFontMetricsF(small))
        for item in self._items[len(names) :]:
            item.setVisible(False)
        for item, name, height in zip(self._items, names, heights, strict=False):
            item.setVisible(True)
            item.setFont(small)
            item.setText(name.text, color=strong if name.strong else dim)
            item.setPos(name.x, height)

    def _heights(
        self, names: Sequence[Name], across: Interval, upwards: Interval, metrics: QFontMetricsF
    ) -> Sequence[float]:
        """How high the names stand, each above its dot and none over another; makes room for them."""
        view = self._canvas.getViewBox()
        whole, line = max(view.height(), 1.0), metrics.height()
        (left, right), (low, high) = across, upwards
        step = (high - low) / STEPS
        lowest = min((one.y for one in names), default=high)
        for turn in range(FITS):  # in a lower picture other names may meet
            lacking = BELOW * (high - low) / whole - (lowest - low)
            low -= ceil(max(lacking, 0.0) / step) * step
            rise = whole / (high - low)
            texts = [
                Text(
                    (one.x - left) * view.width() / (right - left),
                    (one.y - low) * rise,
                    metrics.horizontalAdvance(one.text),
                )
                for one in names
            ]
            placed = [foot + ABOVE for foot in feet(texts, line)]
            beyond = max(placed, default=0.0) + line + MARGIN - whole
            if beyond <= 0 or turn == FITS - 1:
                break
            higher = (high - low) * (1.0 + min(beyond / max(whole - beyond, 1.0), 1.0))
            high = low + ceil(higher / step) * step
        self._canvas.setYRange(low, high, padding=0)
        return [low + foot / whole * (high - low) for foot in placed]
