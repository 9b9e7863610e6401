"""The models opened lately, across sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

KEY = "recent"
LIMIT = 9


@dataclass(frozen=True)
class Recent:
    """A model that was opened: its file, how large it is and when it was changed; None where it is gone."""

    path: str
    bytes: int | None = None
    changed: datetime | None = None

    @property
    def missing(self) -> bool:
        """Whether there is no such file now."""
        return self.bytes is None


class RecentModels(QObject):
    """The list, the same for all windows.

    Signals:
        changed: Other models are listed, or in another order.
    """

    changed = Signal()

    def paths(self) -> list[str]:
        """Paths, the newest first; also of files that are gone."""
        stored = QSettings().value(KEY, [])
        paths = stored if isinstance(stored, (list, tuple)) else [stored] if isinstance(stored, str) else []
        return [one for one in paths if isinstance(one, str) and one][:LIMIT]

    def files(self) -> list[Recent]:
        """What is known of the files now."""
        return [_look(path) for path in self.paths()]

    def remember(self, path: str) -> None:
        """Puts a model in front of the others."""
        self._write([path, *(one for one in self.paths() if one != path)])

    def forget(self, path: str) -> None:
        """Takes one model off the list."""
        self._write([one for one in self.paths() if one != path])

    def forget_missing(self) -> None:
        """Takes off the list what is gone."""
        self._write([one.path for one in self.files() if not one.missing])

    def clear(self) -> None:
        """Takes all off the list."""
        self._write([])

    def _write(self, paths: Sequence[str]) -> None:
        if list(paths[:LIMIT]) != self.paths():
            QSettings().setValue(KEY, list(paths[:LIMIT]))
            self.changed.emit()


@cache
def recents() -> RecentModels:
    """The list; one object, so that every window hears of a change."""
    return RecentModels()


def remember_model(path: str) -> None:
    """Puts a model in front of the others."""
    recents().remember(path)


def _look(path: str) -> Recent:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return Recent(path)
    return Recent(path, status.st_size, datetime.fromtimestamp(status.st_mtime))
