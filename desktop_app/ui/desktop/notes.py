"""A note to the user who looks elsewhere: the work is done."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop_app.ui.desktop.bus import has_bus, notify
from desktop_app.ui.settings.rows import NOTIFY
from desktop_app.ui.settings.store import settings

SHOWN_MS = 10_000


class Notes(QObject):
    """Shows notes by what the system has: an icon in the tray while the note is there, or the desktop's bus."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    def tell(self, title: str, body: str) -> None:
        """Marks the window in the task bar, and shows the note if the user wants notes."""
        QApplication.alert(self._window)
        if not settings().read(NOTIFY):
            return
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._show_in_tray(title, body)
        elif has_bus():
            notify("work", title, body)

    def _show_in_tray(self, title: str, body: str) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon() or QApplication.windowIcon(), self)
            self._tray.messageClicked.connect(self._to_front)
        self._tray.show()
        self._tray.showMessage(title, body, QApplication.windowIcon(), SHOWN_MS)
        QTimer.singleShot(2 * SHOWN_MS, self._tray, self._tray.hide)

    def _to_front(self) -> None:
        self._window.raise_()
        self._window.activateWindow()
