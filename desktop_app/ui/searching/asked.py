"""What was asked of which model, kept for the next time: a search is gone on with by asking for the same."""

import msgspec
from PySide6.QtCore import QSettings

from desktop_app.core.budget import Budget
from desktop_app.core.data import DataSettings

KEY = "search/asked"
MOST = 16
"""Of so many models."""


def asked_before(sha256: str) -> Budget | None:
    """What was asked of a model last, without the data; None where nothing was, or another version wrote it."""
    return _kept().get(sha256)


def remember(sha256: str, budget: Budget) -> None:
    """Keeps what is asked of a model."""
    kept = {name: one for name, one in _kept().items() if name != sha256}
    kept[sha256] = msgspec.structs.replace(budget, data=DataSettings())
    newest = dict(list(kept.items())[-MOST:])
    QSettings().setValue(KEY, msgspec.json.encode(newest).decode())


def _kept() -> dict[str, Budget]:
    try:
        return msgspec.json.decode(str(QSettings().value(KEY, "{}")), type=dict[str, Budget])
    except msgspec.DecodeError:
        return {}
