"""The log: what the worker has to say besides its results."""

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_app.jobs.messages import Failed, LogLine
from desktop_app.ui.session import Session
from desktop_app.ui.text import tell, tr
from desktop_app.ui.work import Task

MAX_LINES = 2000


class LogView(QPlainTextEdit):
    """The newest lines, as plain text."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("log")
        self.setAccessibleName(tr("Log"))
        self.setReadOnly(True)
        self.setMaximumBlockCount(MAX_LINES)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        session.runner.log.connect(self._on_line)
        session.work.failed.connect(self._on_failed)
        session.told.connect(self.appendPlainText)

    def memory(self) -> str:
        """The lines; they stay in the language in which they were written."""
        return self.toPlainText()

    def recall(self, memory: str) -> None:
        """Goes on below the lines so far."""
        self.setPlainText(memory)

    def _on_line(self, line: LogLine) -> None:
        self.appendPlainText(f"{line.level}: {line.text}")

    def _on_failed(self, task: Task, failure: Failed) -> None:
        self.appendPlainText(f"{tell(task.title)}: {tell(failure.sentence)}")
