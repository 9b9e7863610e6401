"""Questions that a second, small worker answers beside the main one: a look never waits for a run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.messages import Failed, Request
from desktop_app.ui.runner import Runner
from desktop_app.ui.work import Work

FIRST_TASKS = ("inspect_layer",)


@dataclass(frozen=True)
class Question:
    """What is asked, and who is told.

    Attributes:
        kind: Of several questions of a kind that wait, only the newest is asked.
        request: What the worker is asked.
        then: Is given the result.
        failed: Is given the failure.
        patient: Whether it waits until the main worker has nothing to do: that may be measuring times.
    """

    kind: str
    request: Request
    then: Callable[[Any], None]
    failed: Callable[[Failed], None]
    patient: bool = False


class Aside(QObject):
    """Asks one question after another; those that are not patient first. The worker starts with the first question."""

    def __init__(self, host: WorkerHost, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._work = work
        self._runner: Runner | None = None
        self._waiting: dict[str, Question] = {}
        self._current: Question | None = None
        self._closed = False
        work.changed.connect(self._next)

    @property
    def worker_pid(self) -> int | None:
        """The process that answers, if there is one."""
        return self._runner.host.worker_pid if self._runner is not None else None

    def asks(self, kind: str) -> bool:
        """Whether a question of that kind waits or is being answered."""
        return kind in self._waiting or (self._current is not None and self._current.kind == kind)

    def ask(self, question: Question) -> None:
        """Has a question answered, in place of one of its kind that waits; one that is being answered is answered."""
        if not self._closed:
            self._waiting[question.kind] = question
            self._next()

    def forget(self) -> None:
        """Asks nothing more of what waits."""
        self._waiting.clear()

    def shutdown(self) -> None:
        """Ends the worker. Nothing is told to anybody from now on."""
        self._closed, self._current = True, None
        self._waiting.clear()
        if self._runner is not None:
            self._runner.shutdown()

    def _next(self) -> None:
        if self._current is not None or self._closed:
            return
        free = self._work.current is None
        able = sorted((one for one in self._waiting.values() if free or not one.patient), key=lambda one: one.patient)
        if able:
            self._current = self._waiting.pop(able[0].kind)
            self._started().submit(self._current.request)

    def _started(self) -> Runner:
        if self._runner is None:
            self._runner = Runner(self, self._host.beside(*FIRST_TASKS))
            self._runner.finished.connect(self._on_finished)
            self._runner.failed.connect(self._on_failed)
            self._runner.stopped.connect(self._end)
        return self._runner

    def _on_finished(self, result: object) -> None:
        question = self._current
        if question is not None:
            question.then(result)
        self._end()

    def _on_failed(self, failure: Failed) -> None:
        question = self._current
        if question is not None:
            question.failed(failure)
        self._end()

    def _end(self) -> None:
        self._current = None
        self._next()
