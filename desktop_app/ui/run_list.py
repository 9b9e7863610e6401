"""The runs of the opened model: which there are, which is shown, which are selected, and how they are compared."""

from collections.abc import Sequence
from pathlib import Path
from time import time

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop_app.core.trial import Trial
from desktop_app.jobs.history.record import KeptRun
from desktop_app.jobs.messages import RunFinished
from desktop_app.ui.text import tr
from desktop_app.ui.trial_list import TrialList

REMEMBERED = 8
"""So many whole runs are kept in memory; others are read again when they are wanted."""


class RunList(TrialList):
    """What the views of runs share. The original is the model as the newest run measured it.

    Attributes:
        kept: The runs by their numbers.

    Signals:
        shown_changed: Results and comparison are of another run.
    """

    shown_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kept: tuple[KeptRun, ...] = ()
        self._shown: KeptRun | None = None
        self._whole: dict[str, RunFinished] = {}
        self._loose: dict[str, KeptRun] = {}
        self._by_id: dict[str, KeptRun] = {}

    @property
    def shown(self) -> KeptRun | None:
        """The run that results and comparison show."""
        return self._shown

    @property
    def shown_run(self) -> RunFinished | None:
        """The same with its whole report and layer table."""
        return self._whole.get(self._shown.id) if self._shown else None

    def get(self, run_id: str) -> KeptRun | None:
        """The run with that id; None where it is gone."""
        return self._by_id.get(run_id)

    def whole(self, run_id: str) -> RunFinished | None:
        """A run with report and layer table, where it is in memory."""
        return self._whole.get(run_id)

    def is_loose(self, run_id: str) -> bool:
        """Whether a run is not in the history, and goes with the window."""
        return run_id in self._loose

    def forget(self) -> None:
        """Another model is opened: its runs are others."""
        self._clear()
        self.kept, self._shown, self._whole, self._loose, self._by_id = (), None, {}, {}, {}
        for signal in (self.changed, self.shown_changed, self.selection_changed, self.picture_changed):
            signal.emit()

    def put(self, kept: Sequence[KeptRun]) -> None:
        """Takes what the history holds; the runs of this window that it does not hold stay."""
        runs = tuple(sorted((*kept, *self._loose.values()), key=lambda run: run.number))
        if runs != self.kept:
            self.kept, self.trials = runs, tuple(as_trial(run) for run in runs)
            self.original = runs[-1].original if runs else None
            self._by_id = {run.id: run for run in runs}
            self.changed.emit()
            self.select([one for one in self.selected if one in self._by_id])
            if self._shown is not None:
                self._show(self.get(self._shown.id))

    def add(self, finished: RunFinished) -> KeptRun:
        """Adds a finished run, shows it and selects it."""
        kept = finished.kept
        if kept is None:
            number = 1 + max((run.number for run in self.kept), default=0)
            kept = as_kept(finished, number)
            self._loose[kept.id] = kept
        self._remember(kept.id, finished)
        self.put([run for run in (*self.kept, kept) if run.id not in self._loose])
        self._show(kept)
        self.select([kept.id])
        return kept

    def show(self, run_id: str, finished: RunFinished) -> None:
        """Has results and comparison show a run."""
        self._remember(run_id, finished)
        self._show(self.get(run_id))

    def remember(self, run_id: str, finished: RunFinished) -> None:
        """Keeps a whole run at hand."""
        self._remember(run_id, finished)

    def drop(self, run_id: str) -> None:
        """Forgets a run that is gone."""
        self._loose.pop(run_id, None)
        self._whole.pop(run_id, None)
        self.put([run for run in self.kept if run.id != run_id and run.id not in self._loose])

    def _show(self, run: KeptRun | None) -> None:
        if run != self._shown:
            self._shown = run
            self.shown_changed.emit()

    def _remember(self, run_id: str, finished: RunFinished) -> None:
        self._whole.pop(run_id, None)
        self._whole[run_id] = finished
        shown = self._shown.id if self._shown else ""
        spare = [one for one in self._whole if one not in self._loose and one not in (shown, run_id)]
        for one in spare[: max(0, len(self._whole) - REMEMBERED)]:
            del self._whole[one]


def as_trial(run: KeptRun) -> Trial:
    """A run as a point of a trade-off."""
    return Trial(run.id, run_title(run), run.recipe, run.original, run.compressed, run.speedup)


def as_kept(finished: RunFinished, number: int) -> KeptRun:
    """What would be known of a run if it were in the history; its file lies in the session's folder."""
    report = finished.report
    return KeptRun(
        id=str(Path(finished.model).parent),
        number=number,
        sha256="",
        model=finished.summary.name,
        finished=time(),
        recipe=finished.recipe,
        original=report.original,
        compressed=report.compressed,
        speedup=report.speedup,
        machine=report.machine,
        file_bytes=finished.summary.bytes,
    )


def run_title(run: KeptRun) -> str:
    """What the user calls a run."""
    return tr("#{number}").format(number=run.number)


def pinned(run: KeptRun, is_pinned: bool) -> KeptRun:
    """The run with its file kept, or not."""
    return replace(run, pinned=is_pinned)
