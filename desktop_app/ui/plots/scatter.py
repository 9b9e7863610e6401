"""A picture of trials by two figures: the front as a staircase, what is beaten dimmed, the original as a star."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPalette

from desktop_app.core.trial import Trial
from desktop_app.ui.plots.scatter_axes import ScatterAxes, has_width
from desktop_app.ui.plots.scatter_names import Name, ScatterNames
from desktop_app.ui.plots.signs import legend, sign
from desktop_app.ui.plots.tradeoff import Dot, TradeOff
from desktop_app.ui.plots.trial_plot import BESIDE, TrialPlot
from desktop_app.ui.text import Words, tr
from desktop_app.ui.views.labels import label

Role = QPalette.ColorRole
REACH = 14
ALL_NAMED, MOST_NAMES = 12, 40
"""So few dots are all named; of more, only those on the front and those that are selected: names would pile up."""
SIZE, RING = 10, 18
LEAST_HEIGHT = 150
TITLE: Words = "Runs by two figures"
KEYS: Words = "Arrow keys go through the runs, Enter loads a recipe, Space selects"


class ScatterPlot(TrialPlot[TradeOff | None]):
    """Draws a `TradeOff`: a click chooses a trial, arrows go through them.

    Args:
        words: What is told of a trial.
        name: What its object names begin with.
        title: The canvas's accessible name.
        keys: What its keys do, a sentence.
        crowded: Whether there may be so many trials that those which do not stand out are drawn by `draw_crowd`,
            which whoever shows a picture calls a moment later.
    """

    def __init__(
        self,
        words: Callable[[Trial], str],
        *,
        name: str = "scatter",
        title: Words = TITLE,
        keys: Words = KEYS,
        crowded: bool = False,
    ) -> None:
        super().__init__(None, tr(title), words, LEAST_HEIGHT)
        self.setObjectName(f"{name}Plot")
        self._crowded = crowded
        self._current = ""
        self.canvas.setObjectName(f"{name}Canvas")
        self.canvas.setAccessibleDescription(tr(keys))
        self._line = self._added(pg.PlotDataItem())
        self._whiskers = self._added(pg.ErrorBarItem())
        self._rings = self._added(pg.ScatterPlotItem())
        self._beyond, self._beaten, self._dots = (self._added(pg.ScatterPlotItem()) for _ in range(3))
        self._star = self._added(pg.ScatterPlotItem())
        self._axes, self._names = ScatterAxes(self.canvas), ScatterNames(self.canvas)
        self._told = label(quiet=True, wrap=True)
        self._told.setObjectName(f"{name}Legend")
        if (layout := self.layout()) is not None:
            layout.addWidget(self._told)
        self.canvas.key_pressed.connect(self._on_key)
        self.canvas.getViewBox().sigResized.connect(self._on_resized)

    def pixel_of(self, trial_id: str) -> QPoint:
        """Where a trial is drawn. Raises StopIteration where it is not."""
        dot = next(one for one in self._shown() if one.trial.id == trial_id)
        return self.canvas.pixel(dot.x, dot.y)

    def _on_resized(self) -> None:
        """There is other room for names; pyqtgraph tells of it some time after the widget has another size."""
        if self.picture is not None:
            self._axes.name(self.picture, self.font())
            self._name_dots(self.picture)

    def _shown(self) -> tuple[Dot, ...]:
        return self.picture.dots if self.picture else ()

    def _draw(self) -> None:
        picture, canvas = self.picture, self.canvas
        if picture is None:
            return
        self._axes.paint(self.font())
        self._axes.name(picture, self.font())
        self._axes.spread(picture)
        text, accent, dim = (canvas.colour(role) for role in (Role.Text, Role.Accent, Role.PlaceholderText))
        x, y = np.array(picture.line, dtype=float).reshape(-1, 2).T
        self._line.setData(x, y, pen=pg.mkPen(accent, width=1.5, style=Qt.PenStyle.DashLine))
        self._set_whiskers(picture, canvas.colour(Role.PlaceholderText, 0.7))
        if not self._crowded:
            self.draw_crowd()
        self._set_dots([dot for dot in picture.dots if dot.on_front or dot.stands_out], accent, dim)
        star = [picture.original] if picture.original else []
        self._star.setData(
            [{"pos": spot, "size": SIZE + 4, "symbol": "star", "pen": pg.mkPen(text), "brush": text} for spot in star]
        )
        self._mark()
        self._told.setText(legend(picture))

    def _draw_all(self) -> None:
        super()._draw_all()
        if self._crowded:
            self.draw_crowd()

    def draw_crowd(self) -> None:
        """Draws what is beaten, and what is beyond the limits: of each kind there may be a thousand, all alike."""
        dim = self.canvas.colour(Role.PlaceholderText)
        crowd = [dot for dot in self._shown() if not dot.on_front and not dot.stands_out]
        for item, feasible, symbol in ((self._beaten, True, "o"), (self._beyond, False, "x")):
            spots = [(dot.x, dot.y) for dot in crowd if dot.feasible is feasible]
            x, y = np.array(spots, dtype=float).reshape(-1, 2).T
            item.setData(x, y, symbol=symbol, size=SIZE - 2, pen=pg.mkPen(dim, width=1.3), brush=pg.mkBrush(None))

    def _set_dots(self, dots: Sequence[Dot], accent: QColor, dim: QColor) -> None:
        """Draws what stands out: signs tell what colours tell. Pens are shared, so that signs are drawn once."""
        pens = {True: pg.mkPen(accent, width=1.3), False: pg.mkPen(dim, width=1.3)}
        brushes = {True: pg.mkBrush(accent), False: pg.mkBrush(None)}
        self._dots.setData(
            [dot.x for dot in dots],
            [dot.y for dot in dots],
            symbol=[sign(dot) for dot in dots],
            size=[(SIZE if dot.on_front else SIZE - 2) + 3 * dot.stands_out for dot in dots],
            pen=[pens[dot.on_front] for dot in dots],
            brush=[brushes[dot.on_front] for dot in dots],
        )

    def _mark(self) -> None:
        """Rings around the selected trials, and the names, which depend on them."""
        picture = self.picture
        if picture is None:
            return
        ring = pg.mkPen(self.canvas.colour(Role.Text), width=1.5)
        chosen = [dot for dot in picture.dots if dot.trial.id in self._selected]
        self._rings.setData([{"pos": (dot.x, dot.y), "size": RING, "pen": ring, "brush": None} for dot in chosen])
        self._name_dots(picture)

    def _name_dots(self, picture: TradeOff) -> None:
        """Names the trials; of many only those that matter."""
        wanted = [dot for dot in picture.dots if dot.on_front or dot.trial.id in self._selected]
        dots = picture.dots if len(picture.dots) <= ALL_NAMED else wanted[:MOST_NAMES]
        names = [Name(dot.trial.title, dot.x, dot.y, dot.on_front) for dot in dots]
        if picture.original is not None:
            names.append(Name(tr("original"), *picture.original, True))
        self._names.show(names, self._axes.across, self._axes.upwards, self.font())

    def _set_whiskers(self, picture: TradeOff, colour: object) -> None:
        dots = [dot for dot in picture.dots if has_width(dot.x_interval) or has_width(dot.y_interval)]
        x, y = np.array([(dot.x, dot.y) for dot in dots], dtype=float).reshape(-1, 2).T
        sides = [((dot.x_interval or (dot.x, dot.x)), (dot.y_interval or (dot.y, dot.y))) for dot in dots]
        ends = np.array(sides, dtype=float).reshape(-1, 2, 2)
        self._whiskers.setData(
            x=x, y=y, left=x - ends[:, 0, 0], right=ends[:, 0, 1] - x, bottom=y - ends[:, 1, 0],
            top=ends[:, 1, 1] - y, pen=pg.mkPen(colour, width=1),
        )  # fmt: skip

    def _under(self, point: QPoint) -> Trial | None:
        """The nearest of those within reach; of a thousand as soon as of ten."""
        dots = self._shown()
        if not dots:
            return None
        view, at = self.canvas.getViewBox(), self.canvas.getViewBox().mapSceneToView(self.canvas.mapToScene(point))
        across, upwards = view.viewPixelSize()
        spots = np.array([(dot.x, dot.y) for dot in dots], dtype=float)
        away = np.hypot((spots[:, 0] - at.x()) / across, (spots[:, 1] - at.y()) / upwards)
        place = int(np.argmin(away))
        return dots[place].trial if away[place] <= REACH else None

    def _tell(self, trial: Trial, point: QPoint) -> None:
        self._current = trial.id
        super()._tell(trial, point)

    def _on_key(self, event: QKeyEvent) -> None:
        dots = sorted(self._shown(), key=lambda dot: (dot.x, dot.y))
        place = next((place for place, dot in enumerate(dots) if dot.trial.id == self._current), None)
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        if dots and event.key() in steps:
            start = -1 if place is None and event.key() == Qt.Key.Key_Right else place or 0
            dot = dots[(start + steps[Qt.Key(event.key())]) % len(dots)]
            self._tell(dot.trial, self.canvas.pixel(dot.x, dot.y) + BESIDE)
            self.canvas.setAccessibleDescription(self._words(dot.trial))
            event.accept()
        elif place is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._current, event.key() == Qt.Key.Key_Space)
            event.accept()
