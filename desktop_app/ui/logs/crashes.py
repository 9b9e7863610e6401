"""Reports of crashes of earlier starts: looked for once, and offered until the user has seen enough of them."""

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.ui.logs.files import CrashReport, crash_reports


class Crashes(QObject):
    """The reports that are offered, the newest first; of all windows together.

    Signals:
        changed: There are other reports to offer, or none any more.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offered: tuple[CrashReport, ...] = ()

    def look(self, folder: Path) -> None:
        """Looks for reports among the log files."""
        self._offer(crash_reports(folder))

    def put_away(self) -> None:
        """Offers them no more; the next start of the program does."""
        self._offer(())

    def delete(self) -> None:
        """Removes the files of what is offered; what cannot be removed is offered again by the next start."""
        for report in self.offered:
            with contextlib.suppress(OSError):
                report.path.unlink()
        self._offer(())

    def _offer(self, reports: tuple[CrashReport, ...]) -> None:
        if reports != self.offered:
            self.offered = reports
            self.changed.emit()
