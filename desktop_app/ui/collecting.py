"""Python's garbage collector, run in the window's thread only.

Python collects in whatever thread has just made an object, and destroys there what it finds. Widgets and scenes lie on
cycles as a rule; destroyed by a thread that waits for a worker, while the window paints or a palette is handed to all
widgets, they take the program with them.
"""

import gc
from time import monotonic

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 500
WHOLE_SECONDS = 20.0
"""All that lives is looked through no more often than this: with a large model open it is seen."""


class Collecting(QObject):
    """Collects by Python's own thresholds, whenever the event loop comes to it, and never in another thread.

    Args:
        parent: The application.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._whole_at = monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collects as much as is due."""
        due = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if not due[0]:
            return
        if due[1] and due[2] and monotonic() - self._whole_at > WHOLE_SECONDS:
            gc.collect()
            self._whole_at = monotonic()
        else:
            gc.collect(1 if due[1] else 0)

    def stop(self) -> None:
        """Leaves it to Python again."""
        self._timer.stop()
        gc.enable()
