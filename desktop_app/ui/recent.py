"""The models opened lately, across sessions."""

from pathlib import Path

from PySide6.QtCore import QSettings

KEY = "recent"
LIMIT = 9


def recent_models() -> list[str]:
    """Paths, the newest first; files that are gone are left out."""
    stored = QSettings().value(KEY, [])
    paths = [str(one) for one in stored] if isinstance(stored, (list, tuple)) else [str(stored)]
    return [path for path in paths if Path(path).is_file()][:LIMIT]


def remember_model(path: str) -> None:
    """Puts a model in front of the others."""
    QSettings().setValue(KEY, [path, *(one for one in recent_models() if one != path)][:LIMIT])
