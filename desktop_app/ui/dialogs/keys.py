"""The sheet of keys, made from the commands; and what else keys do, which are no commands."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from desktop_app.ui.commands import COMMANDS, MENUS
from desktop_app.ui.fuzzy import match
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.saving import Savable
from desktop_app.ui.text import Words, tr

HEADINGS = (Heading("Command", False), Heading("Where", False), Heading("Keys", False))

OTHERS: tuple[tuple[Words, Words, tuple[str, ...]], ...] = (
    ("Open the recent model of that number", "File", ("Ctrl+1", "Ctrl+9")),
    ("Move through rows and columns", "Tree and tables", ("Up", "Down", "Left", "Right")),
    ("Open or close a scope; what lies below it, too", "Tree and tables", ("+", "-", "*")),
    ("Select more rows, or all", "Tree and tables", ("Shift+Down", "Ctrl+A")),
    ("Context menu: save or copy a picture or a table", "Plots and tables", ("Menu", "Shift+F10")),
    ("Explain what has the focus", "Everywhere", ("Shift+F1",)),
    ("Next and previous control", "Everywhere", ("Tab", "Shift+Tab")),
    ("Next and previous tab", "Results", ("Ctrl+Tab", "Ctrl+Shift+Tab")),
    ("Open the menus", "Everywhere", ("Alt+F", "F10")),
    ("Move in what is found, do it, leave", "All commands", ("Up", "Down", "Return", "Esc")),
    ("Leave a dialog or an editor without a change", "Dialogs", ("Esc",)),
)
"""What it does, where, and its keys."""

ANY_OF = " / "


class KeysDialog(QDialog):
    """All commands that have keys, to be searched."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("keysDialog")
        self.setWindowTitle(tr("Keys"))
        self.resize(620, 620)
        self._rows = RowsModel(HEADINGS, self)
        self.line = QLineEdit()
        self.line.setObjectName("keysLine")
        self.line.setPlaceholderText(tr("Type a few letters of a command, or of its keys"))
        self.line.setAccessibleName(tr("Find keys"))
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._find)
        table = table_view(self._rows, tr("Keys"))
        Savable(self, tr("Keys"), table=table)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 12)
        for widget in (self.line, table, buttons):
            layout.addWidget(widget)
        self._find("")

    def _find(self, query: str) -> None:
        found = [row for row in key_rows() if match(query, " ".join(row)) is not None]
        self._rows.show([tuple(Entry(text) for text in row) for row in found])


def key_rows() -> list[tuple[str, str, str]]:
    """What is done, where, and the keys: commands in the order of the menus, then all else."""
    commands = [
        (tr(one.text).rstrip("…"), tr(MENUS[one.menu]), _told(one.shortcut.split("; ")))
        for one in COMMANDS
        if one.shortcut
    ]
    return [*commands, *((tr(title), tr(where), _told(keys)) for title, where, keys in OTHERS)]


def _told(keys: list[str] | tuple[str, ...]) -> str:
    """Keys as the system writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ANY_OF.join(QKeySequence(one).toString(native) for one in keys)
