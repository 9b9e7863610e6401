"""A worker that dies is told of in a sentence, costs nothing, and the next try works."""

import os
import signal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

OPEN_MS = 60_000


def click(qtbot, window, kind, name):
    button = window.findChild(kind, name)
    assert button.isEnabled(), button.toolTip()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def sample(window, qtbot):
    """The window with the sample, its data and its recipe."""
    click(qtbot, window, QPushButton, "sampleButton")
    qtbot.waitUntil(lambda: window.document.data is not None, timeout=OPEN_MS)
    return window


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
