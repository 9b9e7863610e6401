"""Failures, told above the work without stopping it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QToolButton, QWidget

from desktop_app.jobs.messages import Failed
from desktop_app.ui.announcing import announce
from desktop_app.ui.dialogs.crash import copy_details
from desktop_app.ui.icons import icon, tinted
from desktop_app.ui.text import Words, plural, tell, tr
from desktop_app.ui.theme import signal_colour
from desktop_app.ui.views.boxes import plain_box
from desktop_app.ui.views.labels import label

Kind = Literal["bad", "warn", "good"]
SIGNS: dict[Kind, str] = {"bad": "error", "warn": "warning", "good": "check"}
KINDS: Mapping[Kind, Words] = {"bad": "Failed", "warn": "Warning", "good": "Done"}
"""The signs in words, for who does not see them."""


@dataclass(frozen=True)
class Message:
    """What the bar shows: how bad it is, and what; `more` sentences stand among the details."""

    kind: Kind
    failure: Failed
    more: int = 0


MOST = 20
"""More than these nobody reads one after the other; the log has all."""


def stacked(told: tuple[Message, ...], message: Message) -> tuple[Message, ...]:
    """The messages with one more on top: none that the user has not put away is lost, and none is told twice.

    Good news are gone with the next message: they need no answer.
    """
    return (*(one for one in told if one != message and one.kind != "good"), message)[-MOST:]


class MessageBar(QFrame):
    """The newest sentence, with the details for whoever asks; those before it come up when it is put away.

    Signals:
        log_wanted: The user wants to see the log.
    """

    log_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName(tr("Message"))
        self._messages: tuple[Message, ...] = ()
        self._sign = QLabel()
        self._text = label(wrap=True)
        self._text.setObjectName("messageText")
        self._details = QPushButton(tr("Details…"))
        self._details.setObjectName("messageDetails")
        self._details.clicked.connect(self._show_details)
        self._log = QPushButton(tr("Show log"))
        self._log.setObjectName("messageLog")
        self._log.clicked.connect(self.log_wanted)
        self._copy = QPushButton(tr("Copy details"))
        self._copy.setObjectName("messageCopy")
        self._copy.clicked.connect(self._copy_details)
        self._others = label(quiet=True)
        self._others.setObjectName("messageOthers")
        self._close = close = QToolButton()
        close.setIcon(icon("close"))
        close.setAutoRaise(True)
        close.setToolTip(tr("Hide the message"))
        close.setAccessibleName(tr("Hide the message"))
        close.setObjectName("messageClose")
        close.clicked.connect(self._put_away)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(self._sign)
        layout.addWidget(self._text, 1)
        for widget in (self._others, self._details, self._copy, self._log):
            layout.addWidget(widget)
        layout.addWidget(close)
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._close.setIcon(icon("close"))
            self._show()

    def fail(self, failure: Failed) -> None:
        """Shows why something failed."""
        self._add(Message("bad", failure))

    def tell(self, sentence: Words) -> None:
        """Shows that something was done."""
        self._add(Message("good", Failed(sentence)))

    def warn(self, sentences: Sequence[Words]) -> None:
        """Shows what the user should know of a model; the first sentence, the others among the details."""
        self._add(Message("warn", Failed(sentences[0], "\n".join(sentences)), len(sentences) - 1))

    def dismiss(self) -> None:
        """Takes away what is shown: a new model or a success makes it old. What stands behind it comes up."""
        self._messages = self._messages[:-1]
        self._show()

    def memory(self) -> tuple[Message, ...]:
        """What is shown, last, and what stands behind it."""
        return self._messages

    def recall(self, memory: tuple[Message, ...]) -> None:
        """Shows it again."""
        self._messages = memory
        self._show()

    def _add(self, message: Message) -> None:
        announce(self, tell(message.failure.sentence))
        self._messages = stacked(self._messages, message)
        self._show()

    def _put_away(self) -> None:
        self._messages = self._messages[:-1]
        self._show()

    def _show(self) -> None:
        """Shows the newest message."""
        self.setVisible(bool(self._messages))
        if not self._messages:
            return
        message, earlier = self._messages[-1], len(self._messages) - 1
        text = tell(message.failure.sentence)
        self._sign.setPixmap(tinted(SIGNS[message.kind], signal_colour(message.kind)).pixmap(20, 20))
        self._sign.setAccessibleName(tr(KINDS[message.kind]))
        self._text.setText(f"{text} (+{message.more})" if message.more else text)
        self._others.setText(plural(earlier, "one earlier message", "{count} earlier messages") if earlier else "")
        self._others.setVisible(earlier > 0)
        self._close.setToolTip(tr("Show the earlier message") if earlier else tr("Hide the message"))
        self._details.setVisible(message.kind == "bad" or message.more > 0)
        self._copy.setVisible(message.kind == "bad")
        self._log.setVisible(message.kind == "bad")

    def _show_details(self) -> None:
        if self._messages:
            details_box(self._messages[-1].failure, self).open()

    def _copy_details(self) -> None:
        if self._messages:
            copy_details(self._messages[-1].failure)


def details_box(failure: Failed, parent: QWidget) -> QMessageBox:
    """A window with the sentence and a button that copies the details."""
    box = plain_box(parent, "failureDetails", tr("What went wrong"), tell(failure.sentence))
    details = "\n".join(tell(line) for line in failure.details.split("\n"))
    box.setDetailedText(details or tr("There are no further details."))
    copy = box.addButton(tr("Copy details"), QMessageBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda: copy_details(failure))
    box.addButton(QMessageBox.StandardButton.Close)
    return box
