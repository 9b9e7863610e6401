"""Dialogs that are open while the language changes: what their widgets say is said again, what was typed stays."""

import html
import re

from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from desktop_app.ui.text import as_tooltip, tell


def retell_dialogs(window: QWidget) -> None:
    """Says every open dialog of a window again; those that make themselves anew do so besides."""
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            retell(dialog)


def retell(root: QWidget) -> None:
    """Says what a widget and all inside of it show in the language of now; see `tell`."""
    for widget in (root, *root.findChildren(QWidget)):
        widget.setWindowTitle(tell(widget.windowTitle()))
        widget.setAccessibleName(tell(widget.accessibleName()))
        widget.setAccessibleDescription(tell(widget.accessibleDescription()))
        if widget.toolTip():
            widget.setToolTip(as_tooltip(_plain(widget.toolTip())))
        _retell_content(widget)


def _retell_content(widget: QWidget) -> None:
    match widget:
        case QLabel() | QAbstractButton():
            if widget.text():
                widget.setText(tell(widget.text()))
        case QGroupBox():
            widget.setTitle(tell(widget.title()))
        case QLineEdit():
            widget.setPlaceholderText(tell(widget.placeholderText()))
        case QComboBox():
            for place in range(widget.count()):
                widget.setItemText(place, tell(widget.itemText(place)))
            widget.setPlaceholderText(tell(widget.placeholderText()))
        case QSpinBox() | QDoubleSpinBox():
            widget.setSuffix(tell(widget.suffix()))
            widget.setSpecialValueText(tell(widget.specialValueText()))
        case QAbstractItemView():
            widget.viewport().update()
        case QDialogButtonBox():
            _retell_standard(widget)


def _retell_standard(box: QDialogButtonBox) -> None:
    """Gives Qt's own buttons the texts that Qt would give them now."""
    fresh = QDialogButtonBox(box.standardButtons())
    for button in box.buttons():
        again = fresh.button(box.standardButton(button))
        if again is not None:
            button.setText(again.text())


def _plain(tooltip: str) -> str:
    """What `as_tooltip` was given."""
    return html.unescape(re.sub(r"</?qt>", "", tooltip).replace("<br>", "\n"))
