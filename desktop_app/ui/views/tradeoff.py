"""The tab on which runs are weighed against each other: two pictures and a table with one selection."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.actions import Actions
from desktop_app.ui.plots.parallel import ParallelPlot
from desktop_app.ui.plots.scatter import ScatterPlot
from desktop_app.ui.plots.tradeoff import TradeOff, parallel, trade_off
from desktop_app.ui.saving import Savable
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr
from desktop_app.ui.trial_words import Wording
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.limits import AxesRow, LimitsRow
from desktop_app.ui.views.run_table import RunTable

COMMANDS = ("run.load", "run.compare", "run.report", "run.keep", "run.delete")
EMPTY, FULL = 0, 1
SHARES = (240, 125, 165)


class TradeOffView(QWidget):
    """Follows the list of runs; what is chosen in it is kept there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tradeOff")
        self._session = session
        self._runs = session.document.runs
        self._axes, self._limits = AxesRow(self._runs), LimitsRow(self._runs)
        wording = Wording(session.document)
        self.scatter, self.parallel = ScatterPlot(wording.trial), ParallelPlot(wording.trial)
        self.table = RunTable(session.document, wording)
        self._commands = QWidget()
        self._commands.setObjectName("commandRow")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._nothing())
        self._pages.addWidget(self._laid_out())
        Savable(self, tr("Trade-off"), picture=self.scatter, table=self.table.view, menus_on=(self.scatter.canvas,))
        Savable(self.parallel, tr("All figures side by side"), picture=self.parallel.canvas, table=self.table.view)
        for plot in (self.scatter, self.parallel):
            plot.chosen.connect(self._choose)
        self.table.recipe_wanted.connect(session.past.load)
        for signal in (self._runs.changed, self._runs.selection_changed, self._runs.picture_changed):
            signal.connect(self._show)
        self._show()

    def add_commands(self, actions: Actions) -> None:
        """Puts a button for each command on runs below the table."""
        row = self._commands.layout()
        for name in COMMANDS:
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setObjectName(f"{name}.button")
            if row is not None:
                row.addWidget(button)
        self.table.view.addActions([actions[name] for name in COMMANDS])

    def memory(self) -> tuple[QByteArray, QByteArray]:
        """How high the parts are, and how the table is sorted."""
        return self._parts.saveState(), self.table.view.horizontalHeader().saveState()

    def recall(self, memory: tuple[QByteArray, QByteArray]) -> None:
        """Takes heights and order over."""
        heights, columns = memory
        self._parts.restoreState(heights)
        self.table.view.horizontalHeader().restoreState(columns)
        self.table.resort()

    def picture(self) -> TradeOff | None:
        """What is drawn; None without runs."""
        original, look = self._runs.original, self._runs.picture
        if original is None:
            return None
        axes = self._runs.axes(original)
        return trade_off(self._runs.trials, axes, original, look.limits, look.only_feasible)

    def _nothing(self) -> QWidget:
        empty = label(tr("Every run of this model becomes a point here: size, speed and how good its outputs are."),
                      quiet=True, wrap=True)  # fmt: skip
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setContentsMargins(40, 0, 40, 0)
        return empty

    def _laid_out(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(8)
        self._parts = parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        shown: tuple[QWidget, ...] = (self.scatter, self.parallel, self.table)
        for place, (part, share) in enumerate(zip(shown, SHARES, strict=True)):
            parts.addWidget(part)
            parts.setStretchFactor(place, share)
        parts.setSizes(list(SHARES))
        row = QHBoxLayout(self._commands)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._axes)
        layout.addWidget(self._limits)
        layout.addWidget(scrolled(parts, tr("Trade-off")), 1)
        layout.addWidget(self._commands)
        return page

    def _show(self) -> None:
        picture, original = self.picture(), self._runs.original
        self._pages.setCurrentIndex(EMPTY if picture is None else FULL)
        if picture is None or original is None:
            return
        selected = self._runs.selected
        self._axes.show_axes(picture.x, picture.y)
        self.scatter.show_picture(picture, selected)
        self.parallel.show_picture(parallel(picture, self._runs.trials, original), selected)
        self.table.show_picture(picture)

    def _choose(self, run_id: str, add: bool) -> None:
        """A click takes the recipe of a run; with Ctrl or Shift it selects one more, to compare."""
        selected = self._runs.selected
        if not add:
            self._runs.select([run_id])
            self._session.past.load(run_id)
        elif run_id in selected:
            self._runs.select([one for one in selected if one != run_id])
        else:
            self._runs.select([*selected, run_id])


def scrolled(parts: QWidget, name: str) -> QScrollArea:
    """Lets the window be low: what does not fit is scrolled."""
    area = QScrollArea()
    area.setAccessibleName(name)
    area.setWidget(parts)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
