"""The log: what the program and its worker have to say besides their results."""

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop_app.ui.dialogs.crash import open_log_folder
from desktop_app.ui.logs.book import MAX_LINES, book
from desktop_app.ui.logs.files import log_folder
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.views.labels import label


class LogView(QWidget):
    """The newest lines, as plain text, and the way to all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = QPlainTextEdit()
        self._lines.setObjectName("log")
        self._lines.setAccessibleName(tr("Log"))
        self._lines.setReadOnly(True)
        self._lines.setMaximumBlockCount(MAX_LINES)
        self._lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._lines.setPlainText("\n".join(book().lines))
        copy = QPushButton(tr("Copy all"))
        copy.setObjectName("copyLog")
        copy.clicked.connect(self._copy)
        folder = QPushButton(tr("Open log folder"))
        folder.setObjectName("openLogFolder")
        folder.setToolTip(as_tooltip(str(log_folder())))
        folder.clicked.connect(open_log_folder)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 0)
        row.addWidget(label(tr("Newest lines last; the files keep more."), quiet=True), 1)
        row.addWidget(copy)
        row.addWidget(folder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self._lines, 1)
        book().added.connect(self._lines.appendPlainText)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._lines.toPlainText())
