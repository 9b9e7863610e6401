"""The sentence above the work that the program has crashed before: what is known of it can be seen, or deleted."""

from PySide6.QtCore import QDateTime, QEvent, QLocale
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from desktop_app.jobs.messages import Failed
from desktop_app.ui.announcing import announce
from desktop_app.ui.dialogs.crash import past_crash_box
from desktop_app.ui.icons import icon, tinted
from desktop_app.ui.logs.crashes import Crashes
from desktop_app.ui.logs.files import CrashReport
from desktop_app.ui.text import as_tooltip, plural, tr
from desktop_app.ui.theme import signal_colour
from desktop_app.ui.views.labels import label


class CrashBar(QFrame):
    """Offers the reports of crashes; hidden where there are none."""

    def __init__(self, crashes: Crashes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crashBar")
        self.setAccessibleName(tr("Reports of crashes"))
        self._crashes = crashes
        self._sign = QLabel()
        self._sign.setAccessibleName(tr("Warning"))
        self._text = label(wrap=True)
        self._text.setObjectName("crashText")
        show, delete = QPushButton(tr("Show")), QPushButton(tr("Delete"))
        show.setObjectName("crashShow")
        show.setToolTip(as_tooltip(tr("Where the program was when it crashed, to read and to copy")))
        show.clicked.connect(self._show_reports)
        delete.setObjectName("crashDelete")
        delete.setToolTip(as_tooltip(tr("Remove the report from this computer")))
        delete.clicked.connect(crashes.delete)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setToolTip(tr("Not now: ask again at the next start"))
        self._close.setAccessibleName(tr("Not now"))
        self._close.setObjectName("crashClose")
        self._close.clicked.connect(crashes.put_away)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(self._sign)
        layout.addWidget(self._text, 1)
        for widget in (show, delete, self._close):
            layout.addWidget(widget)
        crashes.changed.connect(self._on_changed)
        self._draw()
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self._sign.setPixmap(tinted("warning", signal_colour("warn")).pixmap(20, 20))
        self._close.setIcon(icon("close"))

    def _on_changed(self) -> None:
        self._show()
        if self._crashes.offered:
            announce(self, self._text.text())

    def _show(self) -> None:
        reports = self._crashes.offered
        if reports:
            self._text.setText(crash_sentence(reports))
        self.setVisible(bool(reports))

    def _show_reports(self) -> None:
        reports = self._crashes.offered
        parts = (f"{report.path.name}\n{report.text.rstrip()}" for report in reports)
        past_crash_box(Failed(crash_sentence(reports), "\n\n".join(parts)), self).open()


def crash_sentence(reports: tuple[CrashReport, ...]) -> str:
    """How often the program crashed, when last, and where what is known of it lies."""
    moment = QDateTime.fromSecsSinceEpoch(int(reports[0].when))
    return plural(
        len(reports),
        "The program crashed on {when}. A report of where it was lies on this computer and is sent nowhere.",
        "The program crashed {count} times, last on {when}. Reports of where it was lie on this computer and are sent "
        "nowhere.",
        when=QLocale().toString(moment, QLocale.FormatType.ShortFormat),
    )
