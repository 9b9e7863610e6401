"""Shows a file in the system's file manager, selected where the system can do that."""

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

BUS_NAME, BUS_PATH = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"


def reveal(path: Path) -> None:
    """Shows a file or folder where it lies; where nothing can select it, its folder is opened."""
    command = command_for(sys.platform, path)
    shown = QProcess.startDetached(command[0], command[1:])[0] if command else _told_file_manager(path)
    if not shown:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))


def command_for(platform: str, path: Path) -> list[str]:
    """The program that selects a file, with its arguments; empty where the system is asked otherwise."""
    if platform == "win32":
        return ["explorer", f"/select,{path}"]
    return ["open", "-R", str(path)] if platform == "darwin" else []


def _told_file_manager(path: Path) -> bool:
    """Asks the file manager on the session's bus, as freedesktop.org says; whether one took it."""
    try:
        from PySide6.QtDBus import QDBusConnection, QDBusMessage
    except ImportError:  # a Qt without the bus
        return False
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(BUS_NAME, BUS_PATH, BUS_NAME, "ShowItems")
    message.setArguments([[QUrl.fromLocalFile(str(path)).toString(QUrl.ComponentFormattingOption.FullyEncoded)], ""])
    answer = bus.call(message, timeout=2000)
    return bool(answer.type() == QDBusMessage.MessageType.ReplyMessage)
