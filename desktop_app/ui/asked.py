"""What was asked of which model, kept for the next time: long work is gone on with by asking for the same."""

from typing import Generic, TypeVar

import msgspec
from PySide6.QtCore import QSettings

MOST = 16
"""Of so many models."""

T = TypeVar("T")


class AskedBefore(Generic[T]):
    """What was asked for, by the hash of the model.

    Args:
        key: Of the setting that keeps it.
        decoder: Reads it.
    """

    def __init__(self, key: str, decoder: "msgspec.json.Decoder[dict[str, T]]") -> None:
        self._key, self._decoder = key, decoder

    def of(self, sha256: str) -> T | None:
        """What was asked of a model last; None where nothing was, or another version wrote it."""
        return self._kept().get(sha256)

    def remember(self, sha256: str, asked: T) -> None:
        """Keeps what is asked of a model."""
        kept = {name: one for name, one in self._kept().items() if name != sha256}
        kept[sha256] = asked
        newest = dict(list(kept.items())[-MOST:])
        QSettings().setValue(self._key, msgspec.json.encode(newest).decode())

    def _kept(self) -> dict[str, T]:
        try:
            return self._decoder.decode(str(QSettings().value(self._key, "{}")))
        except msgspec.DecodeError:
            return {}
