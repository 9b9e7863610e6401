"""A picture of trials by two figures: the front as a staircase, what is beaten dimmed, the original as a star."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.core.trial import Trial
from desktop_app.ui.plots.apart import Text, feet
from desktop_app.ui.plots.axes import Axis, Interval, axis_title
from desktop_app.ui.plots.tradeoff import Dot, TradeOff
from desktop_app.ui.plots.trial_plot import BESIDE, TrialPlot
from desktop_app.ui.text import Words, tr
from desktop_app.ui.theme import small_font
from desktop_app.ui.views.labels import label

Role = QPalette.ColorRole
REACH, SPARE, MOST_NAMES = 14, 0.1, 40
SIZE, RING = 10, 18
LEAST_HEIGHT = 150
ABOVE, MARGIN, FITS = 5.0, 6.0, 3
"""Pixels between a dot and its name, and above the highest name; how often room is sought for names."""
SIDES = ("bottom", "left")
STEPS = 10
"""Room for names is made in tenths of the picture: its axis changes seldom."""
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
        parent: QWidget | None = None,
        *,
        name: str = "scatter",
        title: Words = TITLE,
        keys: Words = KEYS,
        crowded: bool = False,
    ) -> None:
        super().__init__(None, tr(title), words, LEAST_HEIGHT, parent)
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
        self._names: list[pg.TextItem] = []
        self._across = self._upwards = (0.0, 1.0)
        self._look: object = None
        self._named: tuple[str, ...] = ()
        self._told = label(quiet=True, wrap=True)
        self._told.setObjectName(f"{name}Legend")
        if (layout := self.layout()) is not None:
            layout.addWidget(self._told)
        self.canvas.key_pressed.connect(self._on_key)

    def pixel_of(self, trial_id: str) -> QPoint:
        """Where a trial is drawn. Raises StopIteration where it is not."""
        dot = next(one for one in self._shown() if one.trial.id == trial_id)
        return self.canvas.pixel(dot.x, dot.y)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.picture is not None:
            self._name_axes(self.picture)
            self._set_names(self.picture)

    def _shown(self) -> tuple[Dot, ...]:
        return self.picture.dots if self.picture else ()

    def _draw(self) -> None:
        picture, canvas = self.picture, self.canvas
        if picture is None:
            return
        look = QApplication.palette().cacheKey(), self.font().key()
        if look != self._look:  # axes are slow to draw anew
            self._look = look
            canvas.paint_axes(SIDES, self.font())
            canvas.showGrid(x=True, y=True, alpha=0.12)
            self._named = ()
        self._name_axes(picture)
        self._set_ranges(picture)
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

    def _name_axes(self, picture: TradeOff) -> None:
        """Names the axes, and says what is better as far as there is room for that."""
        font, view = small_font(self.font()), self.canvas.getViewBox()
        metrics = QFontMetricsF(font)
        named = tuple(
            _better(axis) if metrics.horizontalAdvance(_better(axis)) + MARGIN < room else axis_title(axis)
            for axis, room in zip((picture.x, picture.y), (view.width(), view.height()), strict=True)
        )
        if named == self._named:
            return
        self._named = named
        for side, told in zip(SIDES, named, strict=True):
            self.canvas.getAxis(side).setLabel(told, color=self.canvas.colour(Role.PlaceholderText).name())
            self.canvas.getAxis(side).label.setFont(font)

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
        pens, brushes = (
            {True: pg.mkPen(accent, width=1.3), False: pg.mkPen(dim, width=1.3)},
            {
                True: pg.mkBrush(accent),
                False: pg.mkBrush(None),
            },
        )
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
        self._set_names(picture)

    def _set_ranges(self, picture: TradeOff) -> None:
        """Sees to it that all is seen; upwards the names above the dots have their say, too."""
        self._across, self._upwards = (_range(ends) for ends in _extent(picture))
        self.canvas.setXRange(*self._across, padding=0)

    def _set_whiskers(self, picture: TradeOff, colour: object) -> None:
        dots = [dot for dot in picture.dots if _has_width(dot.x_interval) or _has_width(dot.y_interval)]
        x, y = np.array([(dot.x, dot.y) for dot in dots], dtype=float).reshape(-1, 2).T
        sides = [((dot.x_interval or (dot.x, dot.x)), (dot.y_interval or (dot.y, dot.y))) for dot in dots]
        ends = np.array(sides, dtype=float).reshape(-1, 2, 2)
        self._whiskers.setData(
            x=x, y=y, left=x - ends[:, 0, 0], right=ends[:, 0, 1] - x, bottom=y - ends[:, 1, 0],
            top=ends[:, 1, 1] - y, pen=pg.mkPen(colour, width=1),
        )  # fmt: skip

    def _set_names(self, picture: TradeOff) -> None:
        """Names the trials; of very many only those that matter."""
        wanted = [dot for dot in picture.dots if dot.on_front or dot.trial.id in self._selected]
        dots = picture.dots if len(picture.dots) <= MOST_NAMES else wanted[:MOST_NAMES]
        named = [(dot.trial.title, dot.x, dot.y, dot.on_front) for dot in dots]
        if picture.original is not None:
            named.append((tr("original"), *picture.original, True))
        while len(self._names) < len(named):
            self._names.append(self._added(pg.TextItem(anchor=(0.5, 1.0))))
        font, colours = (
            small_font(self.font()),
            {True: self.canvas.colour(Role.Text), False: self.canvas.colour(Role.PlaceholderText)},
        )
        heights = self._heights([(text, x, y) for text, x, y, _ in named], QFontMetricsF(font))
        for place, name in enumerate(self._names):
            name.setVisible(place < len(named))
            if place < len(named):
                text, x, _, strong = named[place]
                name.setFont(font)
                name.setText(text, color=colours[strong])
                name.setPos(x, heights[place])

    def _heights(self, named: Sequence[tuple[str, float, float]], metrics: QFontMetricsF) -> Sequence[float]:
        """How high the names stand, each above its dot and none over another; makes room for them."""
        view = self.canvas.getViewBox()
        whole, line = max(view.height(), 1.0), metrics.height()
        (left, right), (low, high) = self._across, self._upwards
        step = (high - low) / STEPS
        for turn in range(FITS):  # in a lower picture other names may meet
            rise = whole / (high - low)
            texts = [
                Text((x - left) * view.width() / (right - left), (y - low) * rise, metrics.horizontalAdvance(text))
                for text, x, y in named
            ]
            placed = [foot + ABOVE for foot in feet(texts, line)]
            beyond = max(placed, default=0.0) + line + MARGIN - whole
            if beyond <= 0 or turn == FITS - 1:
                break
            higher = (high - low) * (1.0 + min(beyond / max(whole - beyond, 1.0), 1.0))
            high = low + ceil(higher / step) * step
        self.canvas.setYRange(low, high, padding=0)
        return [low + foot / whole * (high - low) for foot in placed]

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


def _has_width(interval: Interval | None) -> bool:
    return interval is not None and interval[0] < interval[1]


def sign(dot: Dot) -> str:
    """The symbol of a trial: whether it keeps the limits, and whether it was measured where others were not."""
    if dot.stands_out:
        return "d" if dot.feasible else "s"
    return "o" if dot.feasible else "x"


def legend(picture: TradeOff) -> str:
    """What the signs mean, as far as they occur, and what is not drawn."""
    dots = picture.dots
    told = [
        (any(dot.on_front for dot in dots), tr("● not beaten")),
        (any(dot.feasible and not dot.on_front for dot in dots), tr("○ beaten in both")),
        (any(not dot.feasible and not dot.stands_out for dot in dots), tr("× beyond the limits")),
        (any(dot.feasible and dot.stands_out for dot in dots), tr("◇ measured whole")),
        (any(not dot.feasible and dot.stands_out for dot in dots), tr("□ measured whole, beyond the limits")),
        (picture.original is not None, tr("★ original")),
        (picture.left_out > 0, tr("{count} without these figures").format(count=picture.left_out)),
        (picture.hidden > 0, tr("{count} hidden by the limits").format(count=picture.hidden)),
    ]
    return "    ".join(text for holds, text in told if holds)


def _better(axis: Axis) -> str:
    text = tr("{axis} (less is better)") if axis.less_is_better else tr("{axis} (more is better)")
    return text.format(axis=axis_title(axis))


def _extent(picture: TradeOff) -> tuple[Interval, Interval]:
    """From where to where what must fit into the picture goes, across and upwards."""
    spots = [(dot.x, dot.y) for dot in picture.dots]
    spots += [(end, dot.y) for dot in picture.dots if _has_width(dot.x_interval) for end in dot.x_interval or ()]
    spots += [(dot.x, end) for dot in picture.dots if _has_width(dot.y_interval) for end in dot.y_interval or ()]
    spots += [picture.original] if picture.original is not None else []
    if not spots:
        return (0.0, 1.0), (0.0, 1.0)
    low, high = np.min(spots, axis=0), np.max(spots, axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _range(ends: Interval) -> Interval:
    """What is seen of an axis: a little more than what must be, to a round number: it seldom changes."""
    low, high = ends
    spare = (high - low) * SPARE or abs(high) * SPARE or 1.0
    step = 10.0 ** (floor(log10((high - low) or spare)) - 1)
    return floor((low - spare) / step) * step, ceil((high + spare) / step) * step
