"""What a hand does in the window."""

from PySide6.QtCore import Qt

OPEN_MS = 60_000


def click(qtbot, window, kind, name):
    """Clicks a button, which must not be off."""
    button = window.findChild(kind, name)
    assert button.isEnabled(), button.toolTip()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
