"""The worker of the first window, started before all that shows a window is imported: both then load side by side.

Imports no more than that takes.
"""

import contextlib

from PySide6.QtCore import QCoreApplication

from desktop_app.jobs.host import WorkerHost
from desktop_app.ui.settings.store import settings
from desktop_app.ui.worker_settings import WorkerSettings

NAME = "compression-studio"


def first_worker() -> WorkerHost:
    """A host that follows the settings, and whose worker is being started.

    To be called in the thread that lives longest: where that ends, so does the worker.
    """
    QCoreApplication.setApplicationName(NAME)
    QCoreApplication.setOrganizationName(NAME)
    host = WorkerHost()
    WorkerSettings(host, settings())
    with contextlib.suppress(OSError):  # the first job tries again, and says so
        host.warm_up()
    return host
