"""Labels that show text as it is, whoever wrote it."""

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def label(text: str = "", *, quiet: bool = False, heading: bool = False, wrap: bool = False) -> QLabel:
    """A label of plain text: names from files never become markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("quiet", quiet)
    made.setProperty("heading", heading)
    made.setWordWrap(wrap)
    if wrap:
        policy = made.sizePolicy()  # which says that the height depends on the width
        policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)
        made.setSizePolicy(policy)
    return made


class ElidedLabel(QLabel):
    """A line of plain text that gives way: what does not fit is left out in the middle."""

    def __init__(self, text: str, *, quiet: bool = False) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("quiet", quiet)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fitting = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.style().drawItemText(
            painter, self.rect(), side, self.palette(), self.isEnabled(), fitting, self.foregroundRole()
        )


def breakable(text: str) -> str:
    """The text with places to break lines after the dots and underscores of long names."""
    return re.sub(r"(?<=[._])(?=[A-Za-z])", "\u200b", text)


def unbroken(text: str) -> str:
    """The text without line breaks between a number and its unit, or inside of an interval."""
    return re.sub(r"(?<=\d) (?=%|([kMG]?B|dB|ms|s|min|h)\b)|(?<=\d,) (?=\d)", "\u00a0", text)


def repolish(widget: QWidget) -> None:
    """Has the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
