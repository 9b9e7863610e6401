"""Messages on the desktop's bus (Linux). Nothing waits for an answer, and nothing happens where there is no bus."""

import os
import sys
from pathlib import Path
from typing import Any

LAUNCHER = ("/com/canonical/unity/launcherentry/1", "com.canonical.Unity.LauncherEntry", "Update")
PORTAL = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Notification")


def has_bus() -> bool:
    """Whether this desktop has a bus; asking for one that is not there would start it."""
    if not sys.platform.startswith("linux"):
        return False
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or bool(runtime and (Path(runtime) / "bus").exists())


def tell_launcher(desktop_file: str, share: float | None) -> None:
    """Draws how much is done, in [0, 1], on the program's icon; None takes that away."""
    properties = {"progress": float(share or 0.0), "progress-visible": share is not None}
    _send_signal(*LAUNCHER, [f"application://{desktop_file}.desktop", properties])


def notify(name: str, title: str, body: str) -> None:
    """Has the desktop show a note; one of the same name takes its place."""
    from PySide6.QtDBus import QDBusMessage

    message = QDBusMessage.createMethodCall(*PORTAL, "AddNotification")
    message.setArguments([name, {"title": title, "body": body}])
    _send(message)


def _send_signal(path: str, interface: str, name: str, arguments: list[Any]) -> None:
    from PySide6.QtDBus import QDBusMessage

    message = QDBusMessage.createSignal(path, interface, name)
    message.setArguments(arguments)
    _send(message)


def _send(message: Any) -> None:
    """Qt's module for the bus is loaded only once there is something to say."""
    from PySide6.QtDBus import QDBusConnection

    bus = QDBusConnection.sessionBus()
    if bus.isConnected():
        bus.send(message)
