"""Failures, told above the work without stopping it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QToolButton, QWidget

from desktop_app.jobs.messages import Failed
from desktop_app.ui.icons import icon, tinted
from desktop_app.ui.text import tr
from desktop_app.ui.theme import signal_colour
from desktop_app.ui.views.labels import label


class MessageBar(QFrame):
    """One sentence, with the details for whoever asks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName(tr("Message"))
        self._failure = Failed("")
        self._sign = QLabel()
        self._text = label(wrap=True)
        self._text.setObjectName("messageText")
        self._details = QPushButton(tr("Details…"))
        self._details.setObjectName("messageDetails")
        self._details.clicked.connect(self._show_details)
        self._close = close = QToolButton()
        close.setIcon(icon("close"))
        close.setAutoRaise(True)
        close.setToolTip(tr("Hide the message"))
        close.setAccessibleName(tr("Hide the message"))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(self._sign)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._details)
        layout.addWidget(close)
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._close.setIcon(icon("close"))

    def fail(self, failure: Failed) -> None:
        """Shows why something failed."""
        self._failure = failure
        self._sign.setPixmap(tinted("warning", signal_colour("bad")).pixmap(20, 20))
        self._text.setText(failure.sentence)
        self._details.setVisible(True)
        self.show()

    def tell(self, sentence: str) -> None:
        """Shows that something was done."""
        self._sign.setPixmap(tinted("check", signal_colour("good")).pixmap(20, 20))
        self._text.setText(sentence)
        self._details.setVisible(False)
        self.show()

    def warn(self, sentences: Sequence[str]) -> None:
        """Shows what the user should know of a model; the first sentence, the others among the details."""
        first = sentences[0] if len(sentences) == 1 else f"{sentences[0]} (+{len(sentences) - 1})"
        self._failure = Failed(first, "\n".join(sentences))
        self._sign.setPixmap(tinted("warning", signal_colour("warn")).pixmap(20, 20))
        self._text.setText(first)
        self._details.setVisible(len(sentences) > 1)
        self.show()

    def _show_details(self) -> None:
        details_box(self._failure, self).open()


def details_box(failure: Failed, parent: QWidget) -> QMessageBox:
    """A window with the sentence and a button that copies the details."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, tr("What went wrong"), failure.sentence, parent=parent)
    box.setTextFormat(label().textFormat())
    box.setDetailedText(failure.details or tr("There are no further details."))
    copy = box.addButton(tr("Copy details"), QMessageBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{failure.sentence}\n\n{failure.details}"))
    box.addButton(QMessageBox.StandardButton.Close)
    return box
