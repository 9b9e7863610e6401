"""Threads beside the window's, and how they end: Qt ends the whole program where one is destroyed that still runs.

What they wait for (a disk far away, a worker that is being killed) can take longer than a window takes to close. So
they belong to no window: each is kept here until it is over.
"""

import atexit

from PySide6.QtCore import QThread

AT_EXIT_MILLISECONDS = 1000


class Thread(QThread):
    """A thread that outlives its owner if it must."""

    def begin(self) -> None:
        """Starts it."""
        _running.difference_update([one for one in _running if one.isFinished()])
        _running.add(self)
        self.start()

    def end(self) -> None:
        """Has `run` return, as soon as it has done what it was asked for."""
        raise NotImplementedError


_running: set[Thread] = set()


def end_all() -> bool:
    """Ends the threads of owners that did not; returns whether all are over, or would be destroyed while they run."""
    for one in _running:
        one.end()
    return all(one.wait(AT_EXIT_MILLISECONDS) for one in _running)


atexit.register(end_all)
