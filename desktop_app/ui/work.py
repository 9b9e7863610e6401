"""What the worker is asked to do, one request after another, and who is told of each answer."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.sensitivity import LayerSensitivity
from desktop_app.jobs.messages import Failed, Request
from desktop_app.ui.runner import Runner


@dataclass(frozen=True)
class Task:
    """A request and what becomes of it.

    Attributes:
        request: What the worker is asked.
        title: What the user is told is going on.
        then: Is given the result.
        quiet: Whether it goes on behind the user's back: it neither blocks nor counts as a run.
    """

    request: Request
    title: str
    then: Callable[[Any], None]
    quiet: bool = False


class Work(QObject):
    """A queue in front of the runner that knows which answer belongs to which request.

    Signals:
        changed: Another task is done or wanted, or none.
        progress: `Progress` of the task that is done now.
        measurement: A figure of the task that is done now.
        tried: A layer was tried by the task that is done now.
        failed: The task and why it failed.
        stopped: A task that will not be done, or not to its end, as the user wants something else.
    """

    changed = Signal()
    progress = Signal(Progress)
    measurement = Signal(Measurement)
    tried = Signal(LayerSensitivity)
    failed = Signal(Task, Failed)
    stopped = Signal(Task)

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._waiting: deque[Task] = deque()
        self._current: Task | None = None
        runner.progress.connect(self.progress)
        runner.measurement.connect(self.measurement)
        runner.tried.connect(self.tried)
        runner.finished.connect(self._on_finished)
        runner.failed.connect(self._on_failed)
        runner.stopped.connect(self._on_stopped)

    @property
    def current(self) -> Task | None:
        """What is done now."""
        return self._current

    @property
    def wanted(self) -> Task | None:
        """What the user waits for: done now, or as soon as what goes on behind his back has stopped."""
        tasks = self._waiting if self._current is None else (self._current, *self._waiting)
        return next((one for one in tasks if not one.quiet), None)

    def ask(self, task: Task) -> None:
        """Has a task done, after those asked for before it."""
        self._waiting.append(task)
        self._next()
        if task is not self._current:
            self.changed.emit()

    def ask_first(self, task: Task) -> None:
        """Has a task done in place of the quiet ones: they are stopped, and those that wait are forgotten."""
        forgotten = [one for one in self._waiting if one.quiet]
        self._waiting = deque(one for one in self._waiting if not one.quiet)
        before = self._current
        self.ask(task)
        if before is not None and before.quiet:
            self._runner.cancel()
        for one in forgotten:
            self.stopped.emit(one)

    def cancel(self) -> None:
        """Stops what is done now; what waits behind it is forgotten."""
        forgotten, self._waiting = self._waiting, deque()
        if self._current is not None:
            self._runner.cancel()
        for task in forgotten:
            self.stopped.emit(task)
        if forgotten:
            self.changed.emit()

    def shutdown(self) -> None:
        """Ends the worker. Nothing is told to anybody from now on."""
        self._waiting.clear()
        self._runner.shutdown()

    def _next(self) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.popleft()
            self.changed.emit()
            self._runner.submit(self._current.request)

    def _take(self) -> Task | None:
        task, self._current = self._current, None
        return task

    def _on_finished(self, result: object) -> None:
        task = self._take()
        if task is not None:
            task.then(result)
        self._end()

    def _on_failed(self, failure: Failed) -> None:
        task = self._take()
        if task is not None:
            self.failed.emit(task, failure)
        self._end()

    def _on_stopped(self) -> None:
        task = self._take()
        if task is not None:
            self.stopped.emit(task)
        self._end()

    def _end(self) -> None:
        self._next()
        if self._current is None:
            self.changed.emit()
