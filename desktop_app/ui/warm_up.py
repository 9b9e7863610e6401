"""What the first model needs, loaded after the window is there and before it is asked for."""

import importlib
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QThread, QTimer

MODULES = ("numpy", "pyqtgraph", "desktop_app.ui.views.workspace")
AFTER_MS = 150
"""The window is seen and takes clicks first."""


class _Loading(QThread):
    """Imports modules: they hold the interpreter in short turns only, so the window stays awake."""

    def run(self) -> None:
        for name in MODULES:
            importlib.import_module(name)


class WarmUp(QObject):
    """Imports in the background, and has `then` make the views in a moment in which nothing else is to be done.

    Args:
        then: Called in the window's thread, once.
        parent: The window.
    """

    def __init__(self, then: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._loading = _Loading(self)
        self._loading.finished.connect(self._on_loaded)
        self._then = then
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self._loading.start)
        self._begun = self._over = False
        if (application := QCoreApplication.instance()) is not None:
            application.aboutToQuit.connect(self.stop)

    def start(self) -> None:
        """Begins, the first time."""
        if not self._begun:
            self._begun = True
            self._timer.start()

    def stop(self) -> None:
        """Waits for what is being loaded: the window goes."""
        self._over = True
        self._timer.stop()
        self._loading.wait()

    def _on_loaded(self) -> None:
        """What was loaded while the window went makes no views any more."""
        if not self._over:
            self._then()
