"""A runner in the hand of a test: what it is asked is done when, and as, the test says."""

from PySide6.QtCore import QObject, Signal

from desktop_app.jobs.messages import Request


class Hand(QObject):
    """A runner that does what the test says."""

    progress, measurement, finished, failed = Signal(object), Signal(object), Signal(object), Signal(object)
    stopped, tried = Signal(), Signal(object)
    slow = False
    """Whether it is the test that says when what was cancelled has stopped."""

    def submit(self, request: Request) -> None:
        self.request = request

    def cancel(self) -> None:
        if not self.slow:
            self.stopped.emit()
