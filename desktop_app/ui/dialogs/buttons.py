"""The buttons of a dialog that does one thing: the verb for it, and Cancel."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton


def verb_or_cancel(
    dialog: QDialog, verb: str, name: str, role: QDialogButtonBox.ButtonRole
) -> tuple[QDialogButtonBox, QPushButton]:
    """The row of both, of which Cancel rejects the dialog already, and the button of the verb.

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
