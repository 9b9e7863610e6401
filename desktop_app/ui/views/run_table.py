"""The runs as a table, beside the pictures: it shares their selection."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHeaderView

from desktop_app.core.trial import Trial
from desktop_app.jobs.history.record import KeptRun
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.items.rows_model import Entry, Heading
from desktop_app.ui.plots.tradeoff import TradeOff
from desktop_app.ui.text import tr
from desktop_app.ui.trial_words import Wording, when
from desktop_app.ui.views.trial_table import TrialTable, figure_cells, name_cell

FIGURES = ("size", "speedup", "accuracy", "agreement", "sqnr", "macs")
HEADINGS = (
    Heading("Run", False, "Its number; a filled dot where no other run is better in both figures of the picture"),
    Heading("Size", True, "Of the file"),
    Heading("Speed-up", True, "The original's time over the result's, measured in turns"),
    Heading("Accuracy", True, "On labelled samples that did not calibrate"),
    Heading("Same answers", True, "Share of the samples that get the same answer as before"),
    Heading("SQNR", True, "How near the outputs are to the original's, in decibel"),
    Heading("MACs", True, "Multiply-accumulates for one sample"),
    Heading("File", False, "Whether the model of the run is still there"),
    Heading("When", False, "When the run was over"),
    Heading("Recipe", False, "What was asked of the layers"),
)
FIRST_FIGURE, RECIPE, RECIPE_WIDTH = 1, len(HEADINGS) - 1, 320


class RunTable(TrialTable):
    """Lists the runs of a model, those that the limits leave."""

    def __init__(self, document: Document, wording: Wording) -> None:
        columns = range(FIRST_FIGURE, FIRST_FIGURE + len(FIGURES))
        super().__init__(document.runs, HEADINGS, columns, name="runTable", title=tr("Runs of this model"))
        self._runs, self._wording = document.runs, wording
        self._known: dict[str, tuple[KeptRun, tuple[Entry, ...]]] = {}
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(RECIPE, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(RECIPE, RECIPE_WIDTH)

    def _trials_of(self, picture: TradeOff) -> Sequence[Trial]:
        """Those that lack a figure of the picture have their row, too."""
        shown = {dot.trial.id for dot in picture.dots}
        return [one for one in self._runs.trials if one.id in shown or not self._runs.picture.only_feasible]

    def _name(self, place: int, trial: Trial, on_front: bool) -> Entry:
        return name_cell(trial, float(place), on_front, self._wording.recipe(trial))

    def _cells(self, trial: Trial) -> tuple[Entry, ...]:
        """The cells of a run, made anew when something else is known of it."""
        run = self._runs.get(trial.id)
        known = self._known.get(trial.id)
        if known is not None and known[0] == run:
            return known[1]
        cells = run_cells(trial, run, self._wording.recipe(trial))
        if run is not None:
            self._known[trial.id] = run, cells
        return cells


def run_cells(trial: Trial, run: KeptRun | None, words: str) -> tuple[Entry, ...]:
    """The cells of a run's row behind its name."""
    finished = Entry(fmt.UNKNOWN, 0.0) if run is None else Entry(when(run), run.finished)
    return (*figure_cells(trial, FIGURES), _file(run), finished, Entry(words, words))


def _file(run: KeptRun | None) -> Entry:
    if run is None or not run.has_file:
        return Entry(tr("gone"), 0.0)
    return Entry(tr("kept"), 2.0) if run.pinned else Entry(tr("there"), 1.0)
