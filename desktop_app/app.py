"""The composition root of the window: makes the application and its windows, and decides nothing."""

import logging
import os
import sys
import uuid
from collections.abc import Sequence

from PySide6.QtCore import QTimer

from desktop_app import __version__
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.host import WorkerHost
from desktop_app.ui.application import Application
from desktop_app.ui.collecting import Collecting
from desktop_app.ui.dialogs.crash import CrashTeller
from desktop_app.ui.first_worker import NAME
from desktop_app.ui.icons import icon
from desktop_app.ui.language import Language
from desktop_app.ui.logs.book import book
from desktop_app.ui.logs.crashes import Crashes
from desktop_app.ui.logs.files import log_folder, start_logs
from desktop_app.ui.logs.hooks import Hooks
from desktop_app.ui.logs.level import LogLevel
from desktop_app.ui.runner import Runner
from desktop_app.ui.theme import apply_theme
from desktop_app.ui.threads import end_all
from desktop_app.ui.window import MainWindow


class Windows:
    """The open windows, one for each model, each with a worker of its own.

    Args:
        host: For the first of them, where its worker is being started already.
    """

    def __init__(self, host: WorkerHost | None = None) -> None:
        self._host = host
        self._open: list[MainWindow] = []
        self._crashes = Crashes()
        self._quitting = False

    def open(self, *paths: str) -> MainWindow:
        """Shows another window, with the files that are named; each further model gets a window of its own."""
        runner, self._host = Runner(host=self._host), None
        window = MainWindow(runner, crashes=self._crashes)
        window.another_wanted.connect(self.open)
        window.student_made.connect(self.open_student)
        window.session_wanted.connect(self.open_session)
        window.quit_wanted.connect(self.quit)
        window.left.connect(self._on_left)
        window.destroyed.connect(lambda: self._open.remove(window))
        self._open.append(window)
        window.show()
        named = [path for path in paths if path]
        if named:
            window.errands.take_files(named)
        return window

    def offer_crash_reports(self) -> None:
        """Looks for what crashes of earlier starts have left, once the first window is there."""
        QTimer.singleShot(0, lambda: self._crashes.look(log_folder()))

    def take(self, path: str) -> None:
        """Opens a file in a window that shows no model, or in another one."""
        empty = next((one for one in self._open if one.document.summary is None), None)
        if empty is None:
            self.open(path)
        else:
            empty.errands.take_files([path])
            empty.activateWindow()

    def open_student(self, path: str, recipe: Recipe) -> None:
        """Shows another window with a student and the recipe that teaches it."""
        self.open().errands.open_student(path, recipe)

    def open_session(self, name: str) -> None:
        """Shows another window with a session that was kept."""
        self.open().reopening.reopen([name])

    def quit(self) -> None:
        """Closes one window after the other, until the user wants to stay in one."""
        self._quitting = True
        together = uuid.uuid4().hex
        for window in self._open:
            window.keeper.together = together
        self._close_one()

    def _close_one(self) -> None:
        window = next((one for one in self._open if one.isVisible()), None)
        if window is not None and self._quitting:
            window.close()

    def _on_left(self, left: bool) -> None:
        self._quitting = self._quitting and left
        if self._quitting:
            QTimer.singleShot(0, self._close_one)


def run_window(paths: Sequence[str], host: WorkerHost) -> int:
    """Runs the application until its last window is closed; returns the exit status.

    Args:
        paths: What is opened.
        host: Where the work for the first window is done.
    """
    book()
    try:
        start_logs(log_folder())
    except OSError as error:
        logging.getLogger(__name__).warning("no log files: %s", error)
    app = Application(sys.argv[:1])
    Collecting(app)
    hooks, teller = Hooks(app), CrashTeller(app)
    hooks.failed.connect(teller.tell)
    hooks.install()
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(NAME)
    LogLevel(app)
    Language(app)
    apply_theme(app)
    app.setWindowIcon(icon("studio"))
    windows = Windows(host)
    windows.open(*paths)
    windows.offer_crash_reports()
    app.file_wanted.connect(windows.take)
    status = app.exec()
    if not end_all():  # a disk that does not answer: nobody is to wait for it, and Qt would end the program by a crash
        logging.shutdown()
        os._exit(status)
    return status
