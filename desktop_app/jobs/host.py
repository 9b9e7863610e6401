"""The side that has work done: keeps a worker ready, and starts another when it is gone. Knows no window."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_app.core.program import program_command
from desktop_app.jobs.confinement import MEMORY_VARIABLE
from desktop_app.jobs.conversions import ConvertModel, InspectTorchFile
from desktop_app.jobs.job import Job
from desktop_app.jobs.limits import LIMITS, STARTING, Limits
from desktop_app.jobs.messages import OpenModel, Request
from desktop_app.jobs.process import WorkerProcess
from desktop_app.jobs.searches import SearchModel
from desktop_app.jobs.session import FIRST_VARIABLE, LOG_VARIABLE, SESSION_VARIABLE, new_session, remove_session


class WorkerHost:
    """Starts workers and hands them jobs, one at a time.

    Every opened model gets a worker of its own: what one file does to its process cannot reach the next. One that has
    converted a torch file, which may have run what the file chose, does nothing else.

    Args:
        command: What to start as a worker; this program itself where nothing is given.
        limits: Other limits than those of `desktop_app.jobs.limits`.
        variables: Added to the worker's environment.
        starting: What a worker may take until it is ready.
    """

    def __init__(
        self,
        command: Sequence[str] = (),
        limits: Mapping[type[Request], Limits] | None = None,
        variables: Mapping[str, str] | None = None,
        starting: Limits = STARTING,
    ) -> None:
        self.limits: Mapping[type[Request], Limits] = limits or {}
        self.starting = starting
        self._command = list(command) or program_command("--worker")
        self._variables = dict(variables or {})
        self._lock = threading.RLock()
        self._process: WorkerProcess | None = None
        self._used = False
        self._spent = False
        self._closed = False
        self._session: Path | None = None
        self._lent = False
        self._seconds = 0.0

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def session(self) -> Path:
        """The private folder for copies of models and for runs; removed by `close`."""
        with self._lock:
            if self._session is None:
                self._session = new_session()
            return self._session

    def beside(self, *first: str) -> "WorkerHost":
        """Another host, whose workers find the same copies of models and import these tasks first.

        It is closed before this one, to which the session's folder belongs.
        """
        host = WorkerHost(
            self._command, self.limits, {**self._variables, FIRST_VARIABLE: ",".join(first)}, self.starting
        )
        host._session, host._lent = self.session, True
        return host

    @property
    def worker_pid(self) -> int | None:
        """The process that works now, if there is one."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def submit(self, request: Request) -> Job:
        """A job for the request. It is carried out when it is iterated, in the thread that does so."""
        return Job(request, self)

    def warm_up(self) -> None:
        """Starts a worker before it is needed, without waiting for it; raises OSError where it cannot be started."""
        with self._lock:
            if not self._closed and (self._process is None or not self._process.alive):
                self._replace()

    def worker_for(self, request: Request) -> WorkerProcess:
        """A running worker that may carry out `request`. Raises OSError where none can be started."""
        with self._lock:
            if self._closed:
                raise OSError("the program is about to end")
            opens = isinstance(request, OpenModel | ConvertModel | InspectTorchFile)
            process = self._process
            if process is None or not process.alive or self._spent or (opens and self._used):
                process = self._replace()
            self._used = self._used or opens
            self._spent = isinstance(request, ConvertModel)
            return process

    def discard(self, process: WorkerProcess | None) -> None:
        """Kills a worker and forgets it; the next job gets a new one."""
        with self._lock:
            if process is not None:
                process.close()
            if process is self._process:
                self._process = None

    def limits_of(self, request: Request) -> Limits:
        """What a request may take: as is usual for its kind, or less where the user says so."""
        limits = self.limits.get(type(request), LIMITS[type(request)])
        return limits.at_most(self._seconds) if not isinstance(request, SearchModel) else limits

    def limit_time(self, seconds: float) -> None:
        """Lets what is submitted from now on take so long, unless it is a search; 0: what is usual."""
        self._seconds = seconds

    def log_more(self, more: bool) -> None:
        """Has the workers started from now on log what took how long."""
        with self._lock:
            self._variables[LOG_VARIABLE] = "debug" if more else ""

    def limit_memory(self, limit: int) -> None:
        """Lets the workers started from now on allocate so many bytes; 0: what is usual."""
        with self._lock:
            self._variables[MEMORY_VARIABLE] = str(limit)

    def close(self) -> None:
        """Ends everything at once: the worker, what it started, and the session's folder. From any thread."""
        with self._lock:
            self._closed = True
            self.discard(self._process)
            if self._session is not None and not self._lent:
                remove_session(self._session)
                self._session = None

    def _replace(self) -> WorkerProcess:
        self.discard(self._process)
        self._used = self._spent = False
        variables = {SESSION_VARIABLE: str(self.session), **self._variables}
        self._process = WorkerProcess(self._command, self.session, variables)
        return self._process

    def __enter__(self) -> "WorkerHost":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
