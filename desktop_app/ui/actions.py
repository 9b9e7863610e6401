"""The commands as Qt's actions."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from desktop_app.ui.commands import COMMANDS, Command
from desktop_app.ui.icons import icon, on_accent
from desktop_app.ui.state import State
from desktop_app.ui.text import as_tooltip, tr

if TYPE_CHECKING:
    from desktop_app.ui.face import Face


class Actions(QObject):
    """The commands as Qt's actions, switched with the state.

    Args:
        face: Whose commands they are.
    """

    def __init__(self, face: "Face") -> None:
        super().__init__(face)
        self._face = face
        self._reasons: dict[str, str] = {}
        self._actions = {command.id: self._make(command) for command in COMMANDS}

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def update(self, state: State) -> None:
        """Switches every action, and says in its tooltip why it is off."""
        for command in COMMANDS:
            reason = self._reasons[command.id] = command.why_not(state)
            action = self._actions[command.id]
            action.setEnabled(not reason)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            text = tr(command.tip or command.text).rstrip("…") + (f"  ({keys})" if keys else "")
            action.setToolTip(as_tooltip(f"{text}\n{reason}" if reason else text))

    def why_not(self, name: str) -> str:
        """Why a command cannot be done now, a sentence; empty where it can, or where there is no such command."""
        return self._reasons.get(name, "")

    def refresh_icons(self) -> None:
        """Draws the icons anew in the colours of another palette."""
        for command in COMMANDS:
            self._set_icon(self._actions[command.id], command)

    def _make(self, command: Command) -> QAction:
        action = QAction(tr(command.text), self)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in command.shortcut.split("; ") if keys])
        if command.in_tree:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._set_icon(action, command)
        action.triggered.connect(lambda: command.does(self._face))
        return action

    def _set_icon(self, action: QAction, command: Command) -> None:
        """The primary command's icon is white on its coloured button, so it is not for menus."""
        if command.icon:
            action.setIcon(on_accent(command.icon) if command.primary else icon(command.icon))
            action.setIconVisibleInMenu(not command.primary)
