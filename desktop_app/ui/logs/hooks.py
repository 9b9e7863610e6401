"""Catches what nobody has caught: errors of Python in any thread, and what Qt has to say."""

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from desktop_app.jobs.messages import Failed
from desktop_app.ui.text import Words

SENTENCE: Words = "Something unexpected went wrong in the window. Your edits are kept."
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Hooks(QObject):
    """Logs every error that nobody caught, and tells it.

    Signals:
        failed: A `Failed`, with the traceback as its details; from any thread.
    """

    failed = Signal(object)

    def install(self) -> None:
        """Catches from now on."""
        sys.excepthook = self._on_error
        sys.unraisablehook = self._on_unraisable
        threading.excepthook = self._on_thread
        qInstallMessageHandler(log_qt)

    def _on_error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        logging.getLogger(__name__).critical("%s", details.rstrip())
        self.failed.emit(Failed(SENTENCE, details))

    def _on_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not issubclass(arguments.exc_type, SystemExit):
            self._on_error(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _on_unraisable(self, arguments: "sys.UnraisableHookArgs") -> None:
        """An error at the end of an object's life harms nobody: it is logged only."""
        lines = traceback.format_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
        logging.getLogger(__name__).error(
            "%s %r\n%s", arguments.err_msg or "ignored in", arguments.object, "".join(lines)
        )


def log_qt(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    """Notes what Qt says."""
    logging.getLogger("qt").log(LEVELS.get(kind, logging.WARNING), "%s", message)
