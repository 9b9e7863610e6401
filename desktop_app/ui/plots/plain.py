"""A plot with axes that nobody can drag or zoom, without the menus of its library: they take half of its making."""

import pyqtgraph as pg
from PySide6.QtWidgets import QSizePolicy


def plain_plot(name: str, least_height: int) -> pg.PlotWidget:
    """An empty one; `name` is its accessible name, `least_height` in pixels."""
    plot = pg.PlotWidget(enableMenu=False)
    for part in (plot, plot.viewport()):
        part.setAccessibleName(name)
    plot.setMouseEnabled(False, False)
    plot.hideButtons()
    plot.setMinimumHeight(least_height)
    plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    return plot
