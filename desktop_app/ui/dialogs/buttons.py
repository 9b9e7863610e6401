"""Rows of buttons that several dialogs have."""

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton


def verb_or_cancel(
    dialog: QDialog, verb: str, name: str, role: QDialogButtonBox.ButtonRole
) -> tuple[QDialogButtonBox, QPushButton]:
    """The buttons of a dialog that does one thing: the verb for it, and Cancel, which rejects the dialog already.

    Args:
        dialog: Whose buttons they are.
        verb: What the button says.
        name: Of its object.
        role: `AcceptRole` where the dialog goes when it is pressed, `ActionRole` where it stays.
    """
    row = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    button = row.addButton(verb, role)
    button.setObjectName(name)
    button.setProperty("primary", True)
    row.rejected.connect(dialog.reject)
    return row, button


def method_buttons(dialog: QDialog, restore: Callable[[], None]) -> QDialogButtonBox:
    """The buttons of a dialog that edits a method: OK, Cancel, and one that goes back to its defaults."""
    names = QDialogButtonBox.StandardButton
    row = QDialogButtonBox(names.Ok | names.Cancel | names.RestoreDefaults)
    row.accepted.connect(dialog.accept)
    row.rejected.connect(dialog.reject)
    row.button(names.RestoreDefaults).clicked.connect(restore)
    return row
