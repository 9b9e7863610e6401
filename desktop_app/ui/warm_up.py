"""What an opened model needs, loaded after the window is there and before it is asked for: the first picture first."""

import importlib
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from desktop_app.ui.threads import Thread

FIRST = ("desktop_app.ui.views.workspace",)
"""What shows a model."""
LATER = (
    "numpy",
    "pyqtgraph",
    "desktop_app.ui.plots.bar_drawing",
    "desktop_app.ui.views.tradeoff",
    "desktop_app.ui.views.compare",
    "desktop_app.ui.graph.panel",
    "desktop_app.ui.views.search",
)
"""What the tabs behind the first show. A view is made when its tab is opened: nothing has to be loaded then."""
AFTER_MS, LATER_MS = 30, 700
"""The window is seen and takes clicks first; and then a model may be on its way."""


class _Loading(Thread):
    """Imports modules: they hold the interpreter in short turns only, so the window stays awake."""

    names: Sequence[str] = ()

    def run(self) -> None:
        for name in self.names:
            importlib.import_module(name)

    def end(self) -> None:
        """It comes to its end by itself."""


class WarmUp(QObject):
    """Imports in the background, and has the first views made in a moment in which nothing else is to be done.

    Args:
        make: Makes what shows a model, in the window's thread, unless it is there.
        busy: Whether the user waits for something: what comes later is not begun meanwhile.
        parent: The window.
    """

    def __init__(self, make: Callable[[], None], busy: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._loading = _Loading()
        self._loading.finished.connect(self._on_loaded)
        self._make, self._busy = make, busy
        self._left = [FIRST, LATER]
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._load)
        self._begun = self._over = False
        if (application := QCoreApplication.instance()) is not None:
            application.aboutToQuit.connect(self.stop)

    def start(self) -> None:
        """Begins, the first time."""
        if not self._begun:
            self._begun = True
            self._timer.start(AFTER_MS)

    def stop(self) -> None:
        """Waits for what is being loaded: the window goes."""
        self._over = True
        self._timer.stop()
        self._loading.wait()

    def _load(self) -> None:
        """Loads what comes next."""
        if self._left == [LATER] and self._busy():
            self._timer.start(LATER_MS)
        else:
            self._loading.names = self._left.pop(0)
            self._loading.begin()

    def _on_loaded(self) -> None:
        """What was loaded while the window went makes no views any more."""
        if self._left and not self._over:
            self._make()
            self._timer.start(LATER_MS)
