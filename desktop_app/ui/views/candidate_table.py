"""The candidates of a search as a table, beside the pictures: it shares their selection."""

from collections.abc import Sequence, Set

from PySide6.QtWidgets import QHeaderView

from desktop_app.core.trial import Trial
from desktop_app.ui.items.rows_model import Entry, Heading
from desktop_app.ui.plots.tradeoff import TradeOff
from desktop_app.ui.searching.candidates import Candidates
from desktop_app.ui.text import tr
from desktop_app.ui.views.trial_table import LOOKED_AT, TrialTable, figure_cells, name_cell

FIGURES = ("size", "latency", "speedup", "lost", "agreement", "sqnr", "macs")
HEADINGS = (
    Heading("Candidate", False, "Its number; a filled dot where no other is better in both figures of the picture"),
    Heading("Budget", False, "Whether it keeps all limits, as far as it was judged"),
    Heading("Judged", False, "As a draft, or carried out and measured whole"),
    Heading("Size", True, "Of the file"),
    Heading("Latency", True, "Predicted; measured where the candidate was carried out whole"),
    Heading("Speed-up", True, "The original's time over the result's"),
    Heading("Points lost", True, "Points of accuracy, on the samples that judge"),
    Heading("Same answers", True, "Share of the samples that get the same answer as before"),
    Heading("SQNR", True, "How near the outputs are to the original's, in decibel"),
    Heading("MACs", True, "Multiply-accumulates for one sample"),
)
FIRST_FIGURE = 3


class CandidateTable(TrialTable):
    """Lists the candidates of a picture, whose cells are made once: they are filled in at every batch."""

    def __init__(self, candidates: Candidates) -> None:
        columns = range(FIRST_FIGURE, FIRST_FIGURE + len(FIGURES))
        super().__init__(candidates, HEADINGS, columns, name="candidateTable", title=tr("Candidates of the search"))
        self._candidates = candidates
        self._known: dict[str, tuple[Trial, bool, tuple[Entry, ...]]] = {}
        self._names: dict[tuple[str, bool], Entry] = {}
        self._measured = 0
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)  # columns are not measured at every batch

    def _fill(self, trials: Sequence[Trial], best: Set[str]) -> None:
        """Keeps the place to which the user has scrolled."""
        scrolled = self.view.verticalScrollBar().value()
        super()._fill(trials, best)
        if self._measured < min(len(trials), LOOKED_AT):  # of more rows the columns get no wider
            self._measured = len(trials)
            self.view.resizeColumnsToContents()
        self.view.verticalScrollBar().setValue(scrolled)

    def _trials_of(self, picture: TradeOff) -> Sequence[Trial]:
        return [dot.trial for dot in picture.dots]

    def _name(self, place: int, trial: Trial, on_front: bool) -> Entry:
        key = trial.id, on_front
        if key not in self._names:
            self._names[key] = name_cell(trial, float(trial.id), on_front)
        return self._names[key]

    def _cells(self, trial: Trial) -> tuple[Entry, ...]:
        keeps, known = self._candidates.kept_by(trial), self._known.get(trial.id)
        if known is None or known[0] is not trial or known[1] != keeps:
            known = self._known[trial.id] = trial, keeps, _cells(trial, keeps)
        return known[2]


def _cells(trial: Trial, keeps: bool) -> tuple[Entry, ...]:
    judged = Entry(tr("measured"), 1.0) if trial.measured else Entry(tr("draft"), 0.0)
    kept = Entry(tr("kept"), 1.0) if keeps else Entry(tr("missed"), 0.0)
    return (kept, judged, *figure_cells(trial, FIGURES))
