"""Short news: in the status line for who sees it, and spoken by a screen reader for who does not."""

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QStatusTipEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

SECONDS = 5


def tell(widget: QWidget, sentence: str) -> None:
    """Shows a sentence in the status line of the window that holds `widget`, for a while, and has it spoken."""
    window = widget.window()
    _show(window, sentence)
    QTimer.singleShot(1000 * SECONDS, window, lambda: _show(window, ""))
    announce(window, sentence)


def announce(widget: QWidget, sentence: str) -> None:
    """Has a sentence spoken by the screen reader, if one listens; politely: it does not cut off what is being said."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, sentence))


def _show(window: QWidget, sentence: str) -> None:
    if isValid(window):
        QCoreApplication.sendEvent(window, QStatusTipEvent(sentence))
