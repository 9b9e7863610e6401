"""What a run gives while it runs: figures, pictures with their tables, and the steps."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.live import LiveRun
from desktop_app.ui.plots.bars import BarPlot
from desktop_app.ui.plots.series import latency_series, size_series
from desktop_app.ui.text import tr
from desktop_app.ui.views.checklist import Checklist
from desktop_app.ui.views.figures import FigureCards

if TYPE_CHECKING:
    from desktop_app.ui.plots.curve import CurvePlot

CURVE_PLACE = 2
"""Below the figures and the two pictures, above the steps."""


class ResultsView(QScrollArea):
    """The tab on which one watches a run."""

    def __init__(self, live: LiveRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Results"))
        self._live = live
        self._page = page = QWidget(self.viewport())
        page.setObjectName("resultsPage")
        self.figures = FigureCards(page)
        size, latency, steps = QFrame(page), QFrame(page), QFrame(page)
        self.size_plot = BarPlot(tr("Size"), "sizePlot", size)
        self.latency_plot = BarPlot(tr("Latency"), "latencyPlot", latency)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self.figures)
        plots = QHBoxLayout()
        plots.setSpacing(12)
        plots.addWidget(_card(size, self.size_plot), 1)
        plots.addWidget(_card(latency, self.latency_plot), 1)
        layout.addLayout(plots, 1)
        self.curve_plot: CurvePlot | None = None
        self._column = layout
        layout.addWidget(_card(steps, Checklist(live, steps)))
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        live.measured.connect(self._show)
        live.learned.connect(self._show_training)
        self._show()
        self._show_training()

    def _show(self) -> None:
        self.figures.show_measurements(self._live.measurements)
        self.size_plot.show_series(size_series(self._live.measurements))
        self.latency_plot.show_series(latency_series(self._live.measurements))

    def _show_training(self) -> None:
        """The curve is there only where something is trained."""
        curve = self._live.curve
        if self.curve_plot is None and curve is not None:
            self._make_curve()
        if self.curve_plot is not None:
            self._training.setVisible(curve is not None)
            self.curve_plot.show_curve(curve)

    def _make_curve(self) -> None:
        from desktop_app.ui.plots.curve import CurvePlot  # not above: the window is shown before it is loaded

        self._training = QFrame(self._page)
        self.curve_plot = CurvePlot(self._training)
        _card(self._training, self.curve_plot)
        self._column.insertWidget(CURVE_PLACE, self._training, 1)


def _card(card: QFrame, content: QWidget) -> QFrame:
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(12, 10, 12, 10)
    layout.addWidget(content)
    return card
