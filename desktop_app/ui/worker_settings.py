"""What the user has set for the work, told to a host of workers, and what is set otherwise later."""

from PySide6.QtCore import QObject

from desktop_app.jobs.host import WorkerHost
from desktop_app.ui.settings.rows import LOG_LEVEL, MEMORY, TIME_LIMIT
from desktop_app.ui.settings.store import settings


class WorkerSettings(QObject):
    """Follows the settings for a host: memory and log for the workers started from now on, time for what is asked."""

    def __init__(self, host: WorkerHost, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        for key in (MEMORY.key, TIME_LIMIT.key, LOG_LEVEL.key):
            self._on_setting(key)
        settings().changed.connect(self._on_setting)

    def _on_setting(self, key: str) -> None:
        if key == MEMORY.key:
            self._host.limit_memory(settings().read(MEMORY) * 2**30)
        elif key == TIME_LIMIT.key:
            self._host.limit_time(settings().read(TIME_LIMIT) * 60.0)
        elif key == LOG_LEVEL.key:
            self._host.log_more(settings().read(LOG_LEVEL) == "debug")
