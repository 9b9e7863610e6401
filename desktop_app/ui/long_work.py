"""Work that goes on: how far it is and how long it still takes, for every place that shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.core.progress import Progress
from desktop_app.jobs.designs import DesignStudent
from desktop_app.jobs.messages import Failed, RunRecipe
from desktop_app.jobs.searches import SearchModel
from desktop_app.ui.countdown import Countdown
from desktop_app.ui.designing.stages import design_stage_title
from desktop_app.ui.text import stage_title
from desktop_app.ui.work import Task, Work

LONG_SECONDS = 30.0
"""Who waits longer does something else meanwhile."""
TICK_MS = 1000


@dataclass(frozen=True)
class Standing:
    """What is done now.

    Attributes:
        task: The task.
        stage: Which part of it; empty before it has said so.
        done: Share of that part in [0, 1]; None before it has said so.
        left: Seconds left for it; None where that is not known.
    """

    task: Task
    stage: str = ""
    done: float | None = None
    left: float | None = None

    @property
    def staged(self) -> bool:
        """Whether it goes through several stages, each from nothing to all."""
        return isinstance(self.task.request, RunRecipe | SearchModel | DesignStudent)

    @property
    def stage_title(self) -> str:
        """What the user calls that part."""
        named = design_stage_title if isinstance(self.task.request, DesignStudent) else stage_title
        return named(self.stage)


@dataclass(frozen=True)
class Ended:
    """A task that the user waited long for: why it failed, if it did, and seconds that it took."""

    task: Task
    failure: Failed | None
    seconds: float


class LongWork(QObject):
    """Follows the tasks of one window.

    Signals:
        changed: Something else is done, or it is further, or a second has passed.
        ended: An `Ended`, of a task that took long and that the user has not stopped.
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(self, work: Work, parent: QObject | None = None, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(parent)
        self._work = work
        self._clock = clock
        self._countdown = Countdown(clock)
        self._task: Task | None = None
        self._began = 0.0
        self._progress: Progress | None = None
        self._failure: Failed | None = None
        self._stopped = False
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.changed)
        work.changed.connect(self._on_changed)
        work.progress.connect(self._on_progress)
        work.failed.connect(self._on_failed)
        work.stopped.connect(self._on_stopped)

    @property
    def standing(self) -> Standing | None:
        """What is done now; None where nothing is."""
        if self._task is None:
            return None
        if self._progress is None:
            return Standing(self._task)
        return Standing(self._task, self._progress.stage, self._progress.done, self._countdown.left())

    def _on_changed(self) -> None:
        if self._work.current is self._task:
            return
        self._end()
        self._task, self._began = self._work.current, self._clock()
        self._progress, self._failure, self._stopped = None, None, False
        self._countdown.reset()
        if self._task is None:
            self._tick.stop()
        else:
            self._tick.start()
        self.changed.emit()

    def _end(self) -> None:
        seconds = self._clock() - self._began
        if self._task is not None and not self._task.quiet and not self._stopped and seconds >= LONG_SECONDS:
            self.ended.emit(Ended(self._task, self._failure, seconds))

    def _on_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._countdown.hear(progress.stage, progress.eta)
        self.changed.emit()

    def _on_failed(self, task: Task, failure: Failed) -> None:
        if task is self._task:
            self._failure = failure

    def _on_stopped(self, task: Task) -> None:
        if task is self._task:
            self._stopped = True
