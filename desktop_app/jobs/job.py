"""One request on its way through a worker: what comes back, when it takes too long, and how it is stopped."""

import threading
from collections.abc import Iterator
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from desktop_app.jobs.deaths import Cause, cause_of, failure
from desktop_app.jobs.messages import Cancel, Failed, Ready, Reply, Request, Result, Stopped
from desktop_app.jobs.patience import Patience
from desktop_app.jobs.process import Ended, WorkerProcess
from desktop_app.jobs.protocol import GarbageError, OversizeError, ProtocolError

if TYPE_CHECKING:
    from desktop_app.jobs.host import WorkerHost

FINAL = (Result, Failed, Stopped)

YOUNG_SECONDS = 10.0
"""A worker that is not ready after so long may hang."""


class _Death(Exception):  # noqa: N818 - it is a fact, told as a reply
    """The worker will not finish this job."""

    def __init__(self, cause: Cause, detail: object = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.detail = detail


class Job:
    """A request that waits for a worker, or is carried out by one.

    Iterating, in a thread that may wait, carries it out: replies as they come, the last of them a result, a `Failed`
    or a `Stopped`. Nothing is raised, whatever becomes of the worker.
    """

    def __init__(self, request: Request, host: "WorkerHost") -> None:
        self.request = request
        self._host = host
        self._limits = host.limits_of(request)
        self._cancelled = threading.Event()
        self._process: WorkerProcess | None = None

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stops the job, soon; from any thread, at any time. Never waits."""
        self._cancelled.set()
        if self._process is not None:
            self._process.wake()

    def __iter__(self) -> Iterator[Reply]:
        finished = False
        try:
            for reply in self._replies():
                finished = isinstance(reply, FINAL)
                yield reply
        except _Death as death:
            finished = True
            self._host.discard(self._process)  # first: then its last words have all been read
            details = self._process.errors if self._process is not None else ""
            stopped = self.cancelled or self._host.closed
            yield Stopped() if stopped else failure(death.cause, self._limits.doing, death.detail, details)
        finally:
            if not finished:  # nobody wants the rest
                self._host.discard(self._process)

    def _replies(self) -> Iterator[Reply]:
        if self.cancelled:
            yield Stopped()
            return
        process = self._start()
        if process is None:
            yield Stopped()
            return
        try:
            process.send(self.request)
        except ProtocolError as error:
            yield failure("bad_request", self._limits.doing, error)
            return
        yield from self._listen(process)

    def _start(self) -> WorkerProcess | None:
        """A worker that is ready for this job; None where the job is not wanted any more, and the next may have it."""
        try:
            process = self._process = self._host.worker_for(self.request)
        except OSError as error:
            raise _Death("not_started", error.strerror or error) from error
        patience, began = Patience(self._host.starting, process.seconds_worked), monotonic()
        while not process.ready:
            reply = process.receive(max(0.0, patience.deadline - monotonic()))
            if isinstance(reply, Ended):
                raise _Death("not_started", f"exit status {process.wait()}")
            if self.cancelled and process.age < YOUNG_SECONDS:
                return None
            if self.cancelled or (reply is None and patience.verdict() is not None):
                raise _Death("slow_start", f"{monotonic() - began:.0f}")
        return process

    def _listen(self, process: WorkerProcess) -> Iterator[Reply]:
        """Replies until the last; watches the clock and the wish to stop meanwhile."""
        patience = Patience(self._limits, process.seconds_worked)
        stop_at = inf
        while True:
            if stop_at == inf and self.cancelled:
                process.send(Cancel())
                stop_at = monotonic() + self._limits.grace
            reply = process.receive(max(0.0, min(patience.deadline, stop_at) - monotonic()))
            if isinstance(reply, Ended):
                raise _death_of(process, reply)
            if reply is not None and not isinstance(reply, Ready):
                yield reply
                patience.heard()
                if isinstance(reply, FINAL):
                    return
            elif reply is None and (verdict := patience.verdict()) is not None:
                raise _Death(*verdict)
            elif reply is None and monotonic() >= stop_at:
                raise _Death("killed")


def _death_of(process: WorkerProcess, end: Ended) -> _Death:
    """Why the worker's pipe ended."""
    if isinstance(end.error, OversizeError):
        return _Death("oversize")
    if isinstance(end.error, GarbageError):
        return _Death("garbage")
    status = process.wait()
    cause, detail = cause_of(status, out_of_memory=process.out_of_memory)
    if end.error is not None and cause == "ended":
        return _Death("truncated")
    return _Death(cause, detail)
