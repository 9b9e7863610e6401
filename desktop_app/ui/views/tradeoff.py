"""The tab on which runs are weighed against each other."""

from collections.abc import Iterator

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.plots.parallel import ParallelPlot
from desktop_app.ui.plots.scatter import ScatterPlot
from desktop_app.ui.plots.tradeoff import Parallel, TradeOff, parallel, trade_off
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
    """Follows the list of runs; what changed is drawn a part at a time."""

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
        self._picture: TradeOff | None = None
        self._lines = Parallel()
        runs.selection_changed.connect(self._mark)
        self.draw()

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

    def _parts(self) -> Iterator[None]:
        """Draws all, a part at a time."""
        picture, original = self.picture(), self._runs.original
        self._picture = picture
        self._pages.setCurrentIndex(EMPTY if picture is None else FULL)
        if picture is None or original is None:
            return
        yield
        self._axes.show_axes(picture.x, picture.y)
        yield
        self.scatter.show_picture(picture, self._runs.selected)
        yield
        self._lines = parallel(picture, self._runs.trials, original)
        yield
        self.parallel.show_picture(self._lines, self._runs.selected)
        yield
        self.table.show_picture(picture)

    def _mark(self) -> None:
        """Marks what is selected in what is drawn."""
        if self._picture is not None:
            self.scatter.show_picture(self._picture, self._runs.selected)
            self.parallel.show_picture(self._lines, self._runs.selected)
            self.table.select()

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
