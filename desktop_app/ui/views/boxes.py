"""Small windows that ask or tell: what they say is plain text, names from files never become markup."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

INFORMATIVE = "qt_msgbox_informativelabel"
"""Qt's name for the label of the second text, which has a format of its own."""


def plain_box(parent: QWidget | None, name: str, title: str, text: str, more: str = "") -> QMessageBox:
    """A box without buttons.

    Args:
        parent: Over which it is shown.
        name: Of the object.
        title: Of the window.
        text: What is asked or told.
        more: What is told in smaller letters, if anything.
    """
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    if more:
        box.setInformativeText(more)
        for label in box.findChildren(QLabel, INFORMATIVE):
            label.setTextFormat(Qt.TextFormat.PlainText)
    return box


def question(parent: QWidget, name: str, title: str, text: str, more: str = "") -> QMessageBox:
    """Such a box that goes once it is answered."""
    box = plain_box(parent, name, title, text, more)
    box.finished.connect(box.deleteLater)
    return box
