"""What is known of the run that is going on, or of the last one: its stages and what was measured."""

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.report import Report
from desktop_app.ui.countdown import Countdown
from desktop_app.ui.plots.training import JUDGED, CurveRecorder, TrainingCurve

State = Literal["done", "working", "stopped"]

TICK_MS = 1000
"""So often the time left is told anew."""
REDRAW_MS = 100
"""A training tells more figures than a person can see; so often it is drawn."""


@dataclass(frozen=True)
class Stage:
    """A line of the checklist: a stage, how far it is in [0, 1], and one line about it."""

    name: str
    done: float
    state: State = "working"
    text: str = ""


@dataclass(frozen=True)
class Shown:
    """All that is shown of a run: its stages, what was measured, and the newest training."""

    stages: tuple[Stage, ...]
    measurements: tuple[Measurement, ...]
    training: CurveRecorder | None = None


class LiveRun(QObject):
    """Collects the events of one run. Values are replaced, never changed, so that views can compare them.

    Signals:
        started: Another run began.
        stages_changed: A stage began, went on or ended.
        measured: A figure came in.
        learned: A training went on; at most every `REDRAW_MS`.
        ended: The run is over; its `State`.
    """

    started = Signal()
    stages_changed = Signal()
    measured = Signal()
    learned = Signal()
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stages: tuple[Stage, ...] = ()
        self.measurements: tuple[Measurement, ...] = ()
        self._countdown = Countdown()
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.stages_changed)
        self.running = False
        self._recorder: CurveRecorder | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self.learned)

    @property
    def curve(self) -> TrainingCurve | None:
        """The newest training of this run; None where nothing was trained."""
        return self._recorder.curve() if self._recorder is not None else None

    @property
    def left(self) -> float | None:
        """Seconds left for the stage that goes on; None where that is not known."""
        return self._countdown.left() if self.running else None

    def start(self) -> None:
        """Another run begins."""
        self._countdown.reset()
        self._tick.start()
        self.running = True
        self.started.emit()
        self._put(Shown((), ()))

    def forget(self) -> None:
        """There is no run: another model is shown."""
        self._tick.stop()
        self.running = False
        self._put(Shown((), ()))

    def content(self) -> Shown:
        """All that is shown now."""
        return Shown(self.stages, self.measurements, self._recorder)

    def show(self, content: Shown) -> None:
        """Shows a run that is over; while one goes on, that one stays."""
        if not self.running:
            self._put(content)

    def report(self, event: Progress | Measurement) -> None:
        """Takes note of what the worker tells."""
        if isinstance(event, Measurement):
            self._record(event)
            if event.metric != "loss":
                self.measurements = (*self.measurements, event)
                self.measured.emit()
        else:
            self._countdown.hear(event.stage, event.eta)
            self.stages = _with_progress(self.stages, event)
            self.stages_changed.emit()

    def _put(self, content: Shown) -> None:
        self.stages, self.measurements, self._recorder = content.stages, content.measurements, content.training
        self.stages_changed.emit()
        self.measured.emit()
        self.learned.emit()

    def _record(self, event: Measurement) -> None:
        """Adds a figure to the curve of its training."""
        recorder = self._recorder
        if event.metric == "loss" and (recorder is None or recorder.over or recorder.stage != event.stage):
            self._recorder = recorder = CurveRecorder(event.stage)
            for judgement in _judged_before(self.measurements, event.stage):
                recorder.take(judgement)
        if recorder is not None and recorder.take(event) and not self._redraw.isActive():
            self._redraw.start()

    def end(self, state: State) -> None:
        """Notes that the run is over: "done", or "stopped" where it was stopped or failed."""
        self._tick.stop()
        self.running = False
        self.stages = tuple(one if one.state == "done" else _ended(one, state) for one in self.stages)
        self.stages_changed.emit()
        self.ended.emit(state)


def measured_in(report: Report) -> tuple[Measurement, ...]:
    """How good the outputs are, which is known of all samples only when the run is over."""
    found = []
    for stage, side in (("original", report.original), ("final", report.compressed)):
        if side.accuracy is not None:
            found.append(Measurement("accuracy", side.accuracy, stage))
    fidelity = report.compressed.fidelity
    if fidelity is not None:
        found.append(Measurement("sqnr_db", fidelity.sqnr_db, "final"))
        if fidelity.top1_agreement is not None:
            found.append(Measurement("top1_agreement", fidelity.top1_agreement, "final"))
    return tuple(found)


def _judged_before(measurements: tuple[Measurement, ...], stage: str) -> list[Measurement]:
    """What was judged of a student before its first batch: the newest figures, as far as they are such."""
    newest = takewhile(lambda one: one.stage == stage and one.metric in JUDGED, reversed(measurements))
    return list(newest)[::-1]


def _ended(stage: Stage, state: State) -> Stage:
    return replace(stage, state=state, done=1.0 if state == "done" else stage.done)


def _with_progress(stages: tuple[Stage, ...], event: Progress) -> tuple[Stage, ...]:
    """The checklist after an event: the stage that works stands last, also when it comes again; the others are done."""
    stage = Stage(event.stage, event.done, "done" if event.done >= 1 else "working", event.text)
    return (*(replace(one, state="done", done=1.0) for one in stages if one.name != event.stage), stage)
