"""The newest lines of the log, for the window."""

import logging
from collections import deque
from functools import cache

from PySide6.QtCore import QObject, Signal

from desktop_app.ui.logs.files import OWN

MAX_LINES = 2000


class Book(QObject):
    """Lines of this process and of its workers; outlives every view.

    Signals:
        added: One more line; from any thread.
    """

    added = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=MAX_LINES)

    def add(self, line: str) -> None:
        """Writes a line down."""
        self.lines.append(line)
        self.added.emit(line)


class _IntoBook(logging.Handler):
    def __init__(self, book: Book) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        self._book = book

    def emit(self, record: logging.LogRecord) -> None:
        self._book.add(self.format(record))


@cache
def book() -> Book:
    """The book of this process, which is written from the first call on."""
    made = Book()
    logging.getLogger().addHandler(_IntoBook(made))
    logging.getLogger(OWN).setLevel(logging.INFO)
    return made
