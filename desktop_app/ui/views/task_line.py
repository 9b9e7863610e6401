"""The work that goes on, in the status line: a bar, the time left, and the way to stop it."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from desktop_app.ui import format as fmt
from desktop_app.ui.icons import icon
from desktop_app.ui.long_work import LongWork
from desktop_app.ui.text import as_tooltip, tell, tr
from desktop_app.ui.views.labels import label

SOON_MS = 500
"""What takes no longer is not shown: it would only flicker."""


class TaskLine(QWidget):
    """Shows the task while there is one.

    Signals:
        stop_wanted: The user does not want to wait.
    """

    stop_wanted = Signal()

    def __init__(self, work: LongWork, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("taskLine")
        self._work = work
        self._left = label(quiet=True)
        self._left.setObjectName("taskLeft")
        self._bar = QProgressBar()
        self._bar.setObjectName("taskBar")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName(tr("Progress"))
        self._stop = QToolButton()
        self._stop.setObjectName("taskStop")
        self._stop.setIcon(icon("stop"))
        self._stop.setAutoRaise(True)
        self._stop.setToolTip(as_tooltip(tr("Stop what is going on")))
        self._stop.setAccessibleName(tr("Stop what is going on"))
        self._stop.clicked.connect(self.stop_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(6)
        for widget in (self._left, self._bar, self._stop):
            row.addWidget(widget)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._appear)
        work.changed.connect(self._show)
        self.hide()
        self._show()

    def _appear(self) -> None:
        self.setVisible(self._work.standing is not None)

    def _show(self) -> None:
        standing = self._work.standing
        if standing is None or (standing.task.quiet and standing.done is None):  # it is hardly worth a word
            self._soon.stop()
            self.hide()
            return
        if not self.isVisible() and not self._soon.isActive():
            self._soon.start()
        known = standing.done is not None
        self._bar.setRange(0, 100 if known else 0)
        self._bar.setValue(round(100 * (standing.done or 0.0)))
        self._bar.setAccessibleDescription(tell(standing.task.title))
        left = standing.left
        self._left.setText("" if left is None else tr("{time} left").format(time=fmt.duration(left)))
