"""An error that nobody has foreseen: what to do about it, and its details to copy."""

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget

from desktop_app import __version__
from desktop_app.jobs.messages import Failed
from desktop_app.ui.logs.files import log_folder
from desktop_app.ui.text import tell, tr
from desktop_app.ui.views.boxes import plain_box


class CrashTeller(QObject):
    """Shows one window for an error; what goes wrong while it is open is in the log only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._box: QMessageBox | None = None

    def tell(self, failure: Failed) -> None:
        """Shows the error, unless one is shown already."""
        if self._box is None:
            self._box = crash_box(failure)
            self._box.finished.connect(self._on_finished)
            self._box.open()

    def _on_finished(self) -> None:
        if self._box is not None:
            self._box.deleteLater()
            self._box = None


def crash_box(failure: Failed) -> QMessageBox:
    """The window of an error: it can be copied, and looked up in the log."""
    summary = failure.details.rstrip().rpartition("\n")[2]
    parent = QApplication.activeWindow()
    text = tr("{summary}\n\nYou can go on. If it happens again, please report it with the details.")
    more = text.format(summary=summary)
    box = plain_box(parent, "crashBox", tr("Unexpected error"), tell(failure.sentence), more)
    _add_details(box, failure)
    _close_by(box, box.addButton(tr("Go on"), QMessageBox.ButtonRole.AcceptRole))
    return box


def past_crash_box(failure: Failed, parent: QWidget) -> QMessageBox:
    """The reports of crashes of earlier starts, to read, to copy, and to find among the log files."""
    more = tr("Please report it with the details if it happens again.")
    box = plain_box(parent, "pastCrashBox", tr("Reports of crashes"), failure.sentence, more)
    _add_details(box, failure)
    _close_by(box, box.addButton(QMessageBox.StandardButton.Close))
    return box


def _add_details(box: QMessageBox, failure: Failed) -> None:
    """Adds the details, and buttons to copy them and to find the log; these leave the window open."""
    box.setDetailedText(failure.details)
    copy = box.addButton(tr("Copy details"), QMessageBox.ButtonRole.ActionRole)
    folder = box.addButton(tr("Open log folder"), QMessageBox.ButtonRole.ActionRole)
    for button, deed in ((copy, lambda: copy_details(failure)), (folder, open_log_folder)):
        button.clicked.disconnect()
        button.clicked.connect(deed)


def _close_by(box: QMessageBox, button: QPushButton) -> None:
    """Enter and Escape press it."""
    box.setDefaultButton(button)
    box.setEscapeButton(button)


def copy_details(failure: Failed) -> None:
    """Puts the failure and what a report of it needs into the clipboard."""
    version = f"Compression Studio {__version__}"
    QGuiApplication.clipboard().setText(f"{failure.sentence}\n\n{failure.details}\n\n{version}")


def open_log_folder() -> None:
    """Shows the log files in the file manager."""
    folder = log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
