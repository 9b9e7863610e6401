"""Failures, told above the work without stopping it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QToolButton, QWidget

from desktop_app.jobs.messages import Failed
from desktop_app.ui.icons import icon, tinted
from desktop_app.ui.text import Words, tell, tr
from desktop_app.ui.theme import signal_colour
from desktop_app.ui.views.labels import label

Kind = Literal["bad", "warn", "good"]
SIGNS: dict[Kind, str] = {"bad": "warning", "warn": "warning", "good": "check"}


@dataclass(frozen=True)
class Message:
    """What the bar shows: how bad it is, and what; `more` sentences stand among the details."""

    kind: Kind
    failure: Failed
    more: int = 0


class MessageBar(QFrame):
    """One sentence, with the details for whoever asks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName(tr("Message"))
        self._message: Message | None = None
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
        close.clicked.connect(self.dismiss)
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
            if self._message is not None:
                self._show(self._message)

    def fail(self, failure: Failed) -> None:
        """Shows why something failed."""
        self._show(Message("bad", failure))

    def tell(self, sentence: Words) -> None:
        """Shows that something was done."""
        self._show(Message("good", Failed(sentence)))

    def warn(self, sentences: Sequence[Words]) -> None:
        """Shows what the user should know of a model; the first sentence, the others among the details."""
        self._show(Message("warn", Failed(sentences[0], "\n".join(sentences)), len(sentences) - 1))

    def dismiss(self) -> None:
        """Takes the message away."""
        self._message = None
        self.hide()

    def memory(self) -> Message | None:
        """What is shown."""
        return self._message

    def recall(self, memory: Message | None) -> None:
        """Shows it again."""
        if memory is not None:
            self._show(memory)

    def _show(self, message: Message) -> None:
        self._message = message
        text = tell(message.failure.sentence)
        self._sign.setPixmap(tinted(SIGNS[message.kind], signal_colour(message.kind)).pixmap(20, 20))
        self._text.setText(f"{text} (+{message.more})" if message.more else text)
        self._details.setVisible(message.kind == "bad" or message.more > 0)
        self.show()

    def _show_details(self) -> None:
        if self._message is not None:
            details_box(self._message.failure, self).open()


def details_box(failure: Failed, parent: QWidget) -> QMessageBox:
    """A window with the sentence and a button that copies the details."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, tr("What went wrong"), tell(failure.sentence), parent=parent)
    box.setTextFormat(label().textFormat())
    details = "\n".join(tell(line) for line in failure.details.split("\n"))
    box.setDetailedText(details or tr("There are no further details."))
    copy = box.addButton(tr("Copy details"), QMessageBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{failure.sentence}\n\n{failure.details}"))
    box.addButton(QMessageBox.StandardButton.Close)
    return box
