"""Where preferences are kept, and who is told when one changes."""

from functools import cache
from typing import TypeVar

from PySide6.QtCore import QObject, QSettings, Signal

from desktop_app.ui.settings.rows import SETTINGS, Setting

T = TypeVar("T", bool, int, str)

GROUP = "preferences"


class Settings(QObject):
    """The preferences of this user, the same for all windows of the program.

    Signals:
        changed: A setting has another value; its key.
    """

    changed = Signal(str)

    def read(self, setting: Setting[T]) -> T:
        """The value of a setting; its default where none is kept, or one that it cannot have."""
        value = _converted(QSettings().value(f"{GROUP}/{setting.key}"), setting.default)
        return value if setting.valid(value) else setting.default

    def write(self, setting: Setting[T], value: T) -> None:
        """Gives a setting another value. Raises ValueError for one that it cannot have."""
        if not setting.valid(value):
            raise ValueError(f"{setting.key} cannot be {value!r}")
        if value != self.read(setting):
            QSettings().setValue(f"{GROUP}/{setting.key}", value)
            self.changed.emit(setting.key)

    def reset(self) -> None:
        """Gives every setting its default."""
        for setting in SETTINGS:
            self.write(setting, setting.default)


@cache
def settings() -> Settings:
    """The preferences; one object, so that every window hears of a change."""
    return Settings()


def _converted(stored: object, default: T) -> T:
    """What is kept, in the type of the default: files of settings know only text."""
    if isinstance(stored, type(default)):
        return stored
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(str(stored), default)
    if isinstance(default, int):
        return int(stored) if isinstance(stored, str) and stored.isdecimal() else default
    return default
