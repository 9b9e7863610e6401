"""Has the history read and written without ever making the window wait for the disk."""

import logging
import queue
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from desktop_app.core.errors import StudioError
from desktop_app.jobs.history.store import History
from desktop_app.ui.threads import Thread

T = TypeVar("T")
Work = Callable[[History], Any]
Then = Callable[[Any], None]
SHUTDOWN_MILLISECONDS = 5000


class _Thread(Thread):
    """Does one thing after another; hands what comes of it to the window's thread."""

    done = Signal(object, object)
    failed = Signal(str)

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        self._waiting: queue.SimpleQueue[tuple[Work, Then] | None] = queue.SimpleQueue()

    def add(self, work: Work, then: Then) -> None:
        self._waiting.put((work, then))

    def end(self) -> None:
        self._waiting.put(None)

    def run(self) -> None:
        while (one := self._waiting.get()) is not None:
            work, then = one
            try:
                result = work(self._history)
            except StudioError as error:
                self.failed.emit(str(error))
            except Exception as error:
                logging.getLogger(__name__).exception("the history failed")
                self.failed.emit(f"Something unexpected went wrong with the history: {error}")
            else:
                self.done.emit(then, result)


class Archive(QObject):
    """The history, asked from the window's thread and answered there.

    Signals:
        failed: A sentence: why something was not done.
    """

    failed = Signal(str)

    def __init__(self, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = history
        self._over = False
        self._thread = _Thread(history)
        self._thread.done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)
        self._thread.failed.connect(self.failed, Qt.ConnectionType.QueuedConnection)
        self._thread.begin()
        if (application := QCoreApplication.instance()) is not None:
            application.aboutToQuit.connect(self.shutdown)

    def ask(self, work: Callable[[History], T], then: Callable[[T], None]) -> None:
        """Has something done with the history, after what was asked before; `then` gets what comes of it."""
        self._thread.add(work, then)

    def shutdown(self) -> None:
        """Ends when what was asked is done. Nothing is told to anybody from now on."""
        if not self._over:
            self._over = True
            self._thread.done.disconnect(self._on_done)
            self._thread.failed.disconnect(self.failed)
            self._thread.end()
            self._thread.wait(SHUTDOWN_MILLISECONDS)

    def _on_done(self, then: Then, result: object) -> None:
        then(result)
