"""The tab on which runs are weighed against each other."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.plots.parallel import ParallelPlot
from desktop_app.ui.plots.scatter import ScatterPlot
from desktop_app.ui.plots.tradeoff import TradeOff, parallel, trade_off
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr
from desktop_app.ui.trial_words import Wording
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.limits import AxesRow, LimitsRow
from desktop_app.ui.views.run_table import RunTable
from desktop_app.ui.views.trial_view import EMPTY, FULL, TrialView

COMMANDS = ("run.load", "run.compare", "run.report", "run.keep", "run.delete")
SHARES, SPACING = (240, 125, 165), 8


class TradeOffView(TrialView):
    """Follows the list of runs."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        runs, wording = session.document.runs, Wording(session.document)
        super().__init__(
            runs,
            ScatterPlot(wording.trial),
            ParallelPlot(wording.trial),
            RunTable(session.document, wording),
            title=tr("Trade-off"),
            commands="commandRow",
            parent=parent,
        )
        self.setObjectName("tradeOff")
        self._runs, self._past = runs, session.past
        self._axes = AxesRow(runs)
        self._lay_out(_nothing(), (self._axes, LimitsRow(runs)), self.table, SHARES, SPACING)
        self.table.recipe_wanted.connect(session.past.load)
        for signal in (runs.changed, runs.selection_changed, runs.picture_changed):
            signal.connect(self._show)
        self._show()

    def add_commands(self, actions: Actions) -> None:
        """Puts a button for each command on runs below the table."""
        self._add_commands(actions, COMMANDS)

    def memory(self) -> tuple[QByteArray, QByteArray]:
        """How high the parts are, and how the table is sorted."""
        return self._arrangement()

    def recall(self, memory: tuple[QByteArray, QByteArray]) -> None:
        """Takes heights and order over."""
        self._arrange(*memory)

    def picture(self) -> TradeOff | None:
        """What is drawn; None without runs."""
        original, look = self._runs.original, self._runs.picture
        if original is None:
            return None
        axes = self._runs.axes(original)
        return trade_off(self._runs.trials, axes, original, look.limits, look.only_feasible)

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

    def _choose(self, trial_id: str, add: bool) -> None:
        """A click takes the recipe of a run, too; with Ctrl or Shift it selects one more, to compare."""
        super()._choose(trial_id, add)
        if not add:
            self._past.load(trial_id)


def _nothing() -> QLabel:
    empty = label(tr("Every run of this model becomes a point here: size, speed and how good its outputs are."),
                  quiet=True, wrap=True)  # fmt: skip
    empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
    empty.setContentsMargins(40, 0, 40, 0)
    return empty
