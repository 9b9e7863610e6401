"""Small windows that ask or tell: what they say is plain text, names from files never become markup."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from desktop_app.core.text import clean_name
from desktop_app.ui.text import Words, tr

FILE_THERE: Words = "{name} is there already. Replace it?"
FOLDER_THERE: Words = "The folder {name} is there already. Replace the files in it that have the same names?"
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


def ask_to_replace(parent: QWidget, text: Words, name: str, then: Callable[[], None]) -> None:
    """Asks whether what is there already may be replaced, and does `then` if it may.

    Args:
        parent: Over which it is asked.
        text: What is asked; has the placeholder `{name}`.
        name: Of the file or folder.
        then: What is done.
    """
    box = question(parent, "replaceQuestion", tr("Replace"), tr(text).format(name=clean_name(name)))
    replace = box.addButton(tr("Replace"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    replace.clicked.connect(then)
    box.open()
