"""Labels that show text as it is, whoever wrote it."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def label(text: str = "", *, quiet: bool = False, heading: bool = False, wrap: bool = False) -> QLabel:
    """A label of plain text: names from files never become markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("quiet", quiet)
    made.setProperty("heading", heading)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def breakable(text: str) -> str:
    """The text with places to break lines after the dots and underscores of long names."""
    return re.sub(r"(?<=[._])(?=[A-Za-z])", "\u200b", text)


def repolish(widget: QWidget) -> None:
    """Has the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
