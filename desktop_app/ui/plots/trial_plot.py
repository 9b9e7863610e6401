"""What pictures of trials share: a canvas, what is selected, and what is told of the trial under the pointer."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from desktop_app.core.trial import Trial
from desktop_app.ui.plots.canvas import Canvas
from desktop_app.ui.text import as_tooltip

P = TypeVar("P")

BESIDE = QPoint(12, 12)
"""What is told stands beside the pointer."""


class TrialPlot(QWidget, Generic[P]):
    """Draws a value of trials on a canvas, with items that are made once.

    Args:
        picture: What is drawn before there are trials.
        title: The canvas's accessible name.
        words: What is told of a trial.
        least_height: Of the canvas, in pixels.

    Signals:
        chosen: The id of a trial that was clicked, and whether it is to be added to the selection.
    """

    chosen = Signal(str, bool)

    def __init__(self, picture: P, title: str, words: Callable[[Trial], str], least_height: int) -> None:
        super().__init__()
        self.picture = picture
        self._words = words
        self._selected: frozenset[str] = frozenset()
        self.canvas = Canvas(title)
        self.canvas.setMinimumHeight(least_height)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.canvas, 1)
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.moved.connect(self._on_moved)
        self.canvas.left.connect(QToolTip.hideText)

    def show_picture(self, picture: P, selected: Sequence[str]) -> None:
        """Draws trials, and marks the selected ones."""
        before, chosen = self.picture, frozenset(selected)
        if picture != before:
            self.picture, self._selected = picture, chosen
            self._draw()
        elif chosen != self._selected:
            self._selected = chosen
            self._mark()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw_all()

    def _draw_all(self) -> None:
        """Draws anew, in other colours or letters."""
        self._draw()

    @abstractmethod
    def _draw(self) -> None:
        """Draws anew with the items that are there, as `BarPlot` does."""

    @abstractmethod
    def _mark(self) -> None:
        """Shows which trials are selected."""

    @abstractmethod
    def _under(self, point: QPoint) -> Trial | None:
        """The trial under the pointer."""

    def _added(self, item: pg.GraphicsObject) -> pg.GraphicsObject:
        self.canvas.addItem(item, ignoreBounds=True)
        return item

    def _on_clicked(self, point: QPoint, add: bool) -> None:
        trial = self._under(point)
        if trial is not None:
            self.chosen.emit(trial.id, add)

    def _on_moved(self, point: QPoint) -> None:
        trial = self._under(point)
        self.canvas.setCursor(Qt.CursorShape.ArrowCursor if trial is None else Qt.CursorShape.PointingHandCursor)
        if trial is None:
            QToolTip.hideText()
        else:
            self._tell(trial, point + BESIDE)

    def _tell(self, trial: Trial, point: QPoint) -> None:
        QToolTip.showText(self.canvas.mapToGlobal(point), as_tooltip(self._words(trial)), self.canvas)
