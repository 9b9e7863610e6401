"""Drawing in parts, with time for the user between two of them."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

BETWEEN_MS = 15
"""Between two parts of a picture: what the user does meanwhile comes first."""


class OneByOne(QObject):
    """Draws what generators draw between two `yield`, a part in each turn, so that the window never waits for all."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Iterator[None]] = []
        self._next = QTimer(self)
        self._next.setInterval(BETWEEN_MS)
        self._next.timeout.connect(self._turn)

    def begin(self, parts: Iterator[None]) -> None:
        """Draws these, and nothing that was still to be drawn."""
        self._waiting = []
        self.add(parts)

    def add(self, parts: Iterator[None]) -> None:
        """Draws these, behind what is still to be drawn."""
        self._waiting.append(parts)
        self._next.start()

    def at_once(self, parts: Iterator[None]) -> None:
        """Draws these before it returns, and nothing that was still to be drawn."""
        self._waiting = []
        self._next.stop()
        for _ in parts:
            pass

    def _turn(self) -> None:
        while self._waiting:
            parts = self._waiting[0]
            try:
                next(parts)
            except StopIteration:
                self._waiting = [one for one in self._waiting if one is not parts]
            else:
                return
        self._next.stop()
