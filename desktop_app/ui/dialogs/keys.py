"""The sheet of keys, made from the commands."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop_app.ui.actions import COMMANDS, MENUS
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.text import tr

HEADINGS = (Heading("Command", False), Heading("Menu", False), Heading("Keys", False))


class KeysDialog(QDialog):
    """All commands that have keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("keysDialog")
        self.setWindowTitle(tr("Keys"))
        self.resize(480, 520)
        rows = RowsModel(HEADINGS, self)
        rows.show([tuple(Entry(text) for text in row) for row in key_rows()])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(table_view(rows, tr("Keys")))
        layout.addWidget(buttons)


def key_rows() -> list[tuple[str, str, str]]:
    """Command, menu and keys, in the order of the menus."""
    native = QKeySequence.SequenceFormat.NativeText
    return [
        (
            tr(one.text).rstrip("…"),
            tr(MENUS[one.menu]),
            ", ".join(QKeySequence(keys).toString(native) for keys in one.shortcut.split("; ")),
        )
        for one in COMMANDS
        if one.shortcut
    ]
