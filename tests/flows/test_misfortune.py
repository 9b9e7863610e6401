"""A worker that dies is told of in a sentence, costs nothing, and the next try works."""

import os
import signal

import pytest
from PySide6.QtWidgets import QLabel, QToolButton

from tests.flows.clicks import OPEN_MS, click


def begin_run(qtbot, window):
    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: bool(window.session.live.stages), timeout=OPEN_MS)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_worker_that_is_killed_is_told_of_and_the_next_run_works(sample, qtbot):
    window = sample
    recipe = window.document.recipe
    begin_run(qtbot, window)
    os.kill(window.session.runner.host.worker_pid, signal.SIGKILL)
    text = window.messages.findChild(QLabel, "messageText")
    qtbot.waitUntil(text.isVisible, timeout=10_000)
    assert "killed" in text.text()
    assert window.document.recipe == recipe
    begin_run(qtbot, window)
    click(qtbot, window, QToolButton, "stopButton")
    qtbot.waitUntil(lambda: not window.session.running, timeout=10_000)
