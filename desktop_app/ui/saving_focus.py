"""Which plot or table the window's commands save: the one that has the focus, or had it last."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from desktop_app.ui.saving import Savable, savable_at


class SavingFocus(QObject):
    """Follows the focus in one window; a menu that is opened in between changes nothing.

    Signals:
        changed: Another plot or table is meant.
    """

    changed = Signal()

    def __init__(self, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._last: Savable | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    @property
    def current(self) -> Savable | None:
        """The plot or table that is meant; None where there is none, or where it is shown no more."""
        last = self._last
        return last if last is not None and isValid(last) and last.shown else None

    def save_picture(self) -> None:
        """Saves its picture."""
        if self.current is not None:
            self.current.save_picture()

    def copy_picture(self) -> None:
        """Copies its picture."""
        if self.current is not None:
            self.current.copy_picture()

    def save_table(self) -> None:
        """Saves its table."""
        if self.current is not None:
            self.current.save_table()

    def copy_table(self) -> None:
        """Copies its table."""
        if self.current is not None:
            self.current.copy_table()

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is None or now.window() is not self._window:
            return
        found = savable_at(now)
        if found is not None and found is not self._last:
            self._last = found
            self.changed.emit()
