"""Has work done in the worker process, without ever making the window wait."""

import logging
import queue
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from desktop_app.core.progress import Measurement, Progress, Searched
from desktop_app.core.sensitivity import LayerSensitivity
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.job import FINAL, Job
from desktop_app.jobs.messages import CancelAcknowledged, Failed, LogLine, Reply, Request, Stopped
from desktop_app.ui.threads import Thread
from desktop_app.ui.worker_settings import WorkerSettings

MAX_WAITING = 8
"""More requests than these never wait: nobody would remember what they were for."""
SHUTDOWN_MILLISECONDS = 5000


class _Thread(Thread):
    """Waits for jobs and for what the worker says of them; hands both to the window's thread."""

    began = Signal(object)
    said = Signal(object, object)

    def __init__(self, host: WorkerHost) -> None:
        super().__init__()
        self._host = host
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()

    def add(self, job: Job) -> None:
        self._jobs.put(job)

    def end(self) -> None:
        self._jobs.put(None)

    def run(self) -> None:
        self._warm_up()
        while (job := self._jobs.get()) is not None:
            self.began.emit(job)
            for reply in job:
                self.said.emit(job, reply)
            self._warm_up()
        self._host.close()

    def _warm_up(self) -> None:
        """Has a worker ready before it is asked for, also after one was killed."""
        try:
            self._host.warm_up()
        except OSError:
            logging.getLogger(__name__).exception("the worker did not start")  # the next job will say so, too


class Runner(QObject):
    """The work that is done now, and what waits behind it. All signals come in the window's thread.

    Args:
        parent: The owner.
        host: Where the work is done; one that follows the settings where none is given.

    Signals:
        started: A request was begun; its tag.
        progress: `Progress`, at most about ten a second (the worker sees to that).
        measurement: `Measurement`, every one.
        tried: `LayerSensitivity`: a layer was tried.
        searched: `SearchBegun`, `Judged` or `Importance`: what a search tells.
        finished: The result of the request.
        failed: `Failed`: a sentence, and details.
        acknowledged: The worker has heard that it should stop.
        stopped: The request was cancelled, as asked.
        log: `LogLine`.
        busyChanged: Whether something is done or waits.
    """

    started = Signal(str)
    progress = Signal(object)
    measurement = Signal(object)
    tried = Signal(object)
    searched = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    acknowledged = Signal()
    stopped = Signal()
    log = Signal(object)
    busyChanged = Signal(bool)  # noqa: N815 - Qt's way to name signals

    def __init__(self, parent: QObject | None = None, host: WorkerHost | None = None) -> None:
        super().__init__(parent)
        self._host = host or WorkerHost()
        if host is None:
            WorkerSettings(self._host, self)
        self._jobs: list[Job] = []
        self._over = False
        self._thread = _Thread(self._host)
        self._thread.began.connect(self._on_began, Qt.ConnectionType.QueuedConnection)
        self._thread.said.connect(self._on_said, Qt.ConnectionType.QueuedConnection)
        self._thread.begin()
        if (application := QCoreApplication.instance()) is not None:
            application.aboutToQuit.connect(self.shutdown)

    @property
    def busy(self) -> bool:
        """Whether something is done or waits."""
        return bool(self._jobs)

    @property
    def host(self) -> WorkerHost:
        """Where the work is done: its `session` is the private folder for runs."""
        return self._host

    @property
    def waiting(self) -> Sequence[Request]:
        """The request that is carried out now, and those behind it."""
        return tuple(job.request for job in self._jobs)

    def submit(self, request: Request) -> None:
        """Has a request carried out, after those that wait already; refuses, with a sentence, when too many do."""
        if len(self._jobs) > MAX_WAITING:
            self.failed.emit(Failed(f"{MAX_WAITING} tasks wait already: stop them, or wait for one to finish."))
            return
        job = self._host.submit(request)
        self._jobs.append(job)
        self._thread.add(job)
        if len(self._jobs) == 1:
            self.busyChanged.emit(True)

    def cancel(self) -> None:
        """Stops what is done now and forgets what waits; `stopped` tells when, within two seconds."""
        for job in self._jobs:
            job.cancel()

    def shutdown(self) -> None:
        """Ends all work, the worker process and the thread. Nothing is emitted from then on."""
        if self._over:
            return
        self._over = True
        self._thread.began.disconnect(self._on_began)
        self._thread.said.disconnect(self._on_said)
        self.cancel()
        self._host.close()
        self._thread.end()
        self._thread.wait(SHUTDOWN_MILLISECONDS)

    def _on_began(self, job: Job) -> None:
        if not job.cancelled:
            self.started.emit(str(job.request.__struct_config__.tag))

    def _on_said(self, job: Job, reply: Reply) -> None:
        """Tells what the worker said. Before the last reply is told, the job is gone: its end may begin another."""
        if isinstance(reply, Progress):
            self.progress.emit(reply)
        elif isinstance(reply, Measurement):
            self.measurement.emit(reply)
        elif isinstance(reply, LayerSensitivity):
            self.tried.emit(reply)
        elif isinstance(reply, Searched):
            self.searched.emit(reply)
        elif isinstance(reply, LogLine):
            self.log.emit(reply)
        elif isinstance(reply, CancelAcknowledged):
            self.acknowledged.emit()
        elif isinstance(reply, FINAL):
            self._jobs.remove(job)
            self._tell_end(reply)
            if not self._jobs:
                self.busyChanged.emit(False)

    def _tell_end(self, reply: Reply) -> None:
        if isinstance(reply, Failed):
            self.failed.emit(reply)
        elif isinstance(reply, Stopped):
            self.stopped.emit()
        else:
            self.finished.emit(reply)
