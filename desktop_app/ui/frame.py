"""What stands around the views of a window: the bars of messages above its pages, the status line, and the log."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QStatusBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import delete

from desktop_app.ui.logs.crashes import Crashes
from desktop_app.ui.long_work import LongWork
from desktop_app.ui.text import tr
from desktop_app.ui.views.crash_bar import CrashBar
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.log import LogView
from desktop_app.ui.views.message_bar import MessageBar
from desktop_app.ui.views.task_line import TaskLine


class Frame:
    """Lays a window out.

    Attributes:
        pages: In the middle, one shown at a time.
        messages: Above them.
        status: A line of text below.
        task_line: Beside it, while something goes on.
        log: At the bottom, for who wants to see it.
    """

    def __init__(self, window: QMainWindow, work: LongWork, crashes: Crashes) -> None:
        self._window = window
        self.messages, self.pages = MessageBar(), QStackedWidget()
        self._crash_bar = CrashBar(crashes)
        self.status, self.task_line = label(), TaskLine(work)
        self.log = QDockWidget(tr("Log"), window)
        self.messages.log_wanted.connect(self.log.show)
        self.messages.log_wanted.connect(self.log.raise_)
        self._lay_out()

    def make_room(self) -> None:
        """Gives the views their sizes at once: widths can be taken over only where there is room for them."""
        middle, layout = self._window.centralWidget(), self._window.layout()
        if middle is not None and layout is not None:
            middle.show()
            layout.activate()

    def settle(self) -> None:
        """Has every part take its place before anything is drawn: Qt would draw all, move it, and draw all again."""
        for bar in (self._window.menuBar(), self._window.statusBar()):
            QCoreApplication.sendPostedEvents(bar)  # they ask for their room in an event of their own
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    def remove(self) -> None:
        """Clears the window of all bars, docks and pages.

        They go at once: to take them out of the window alive, to be deleted later, would have the style sheet gone
        through for each of their parts, and that takes longer than all the rest.
        """
        window = self._window
        bars, docks = window.findChildren(QToolBar), window.findChildren(QDockWidget)
        for part in (*bars, *docks, window.centralWidget(), window.statusBar(), window.menuBar()):
            if part is not None:
                part.hide()
                delete(part)

    def _lay_out(self) -> None:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._crash_bar)
        layout.addWidget(self.messages)
        layout.addWidget(self.pages, 1)
        self._window.setCentralWidget(page)
        line = QStatusBar()
        line.addWidget(self.status, 1)
        line.addPermanentWidget(self.task_line)
        line.setSizeGripEnabled(False)
        self._window.setStatusBar(line)
        self.log.setObjectName("logDock")
        self.log.setWidget(LogView())
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.log)
        self.log.hide()
