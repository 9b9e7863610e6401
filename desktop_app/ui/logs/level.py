"""How much the log tells, as the settings say."""

import logging

from PySide6.QtCore import QObject

from desktop_app.ui.logs.files import OWN
from desktop_app.ui.settings.rows import LOG_LEVEL
from desktop_app.ui.settings.store import settings


class LogLevel(QObject):
    """Has the loggers of this program tell as much as the settings say from now on; libraries tell warnings only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_setting(LOG_LEVEL.key)
        settings().changed.connect(self._on_setting)

    def _on_setting(self, key: str) -> None:
        if key == LOG_LEVEL.key:
            logging.getLogger(OWN).setLevel(settings().read(LOG_LEVEL).upper())
