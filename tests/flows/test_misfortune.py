"""A worker that dies is told of in a sentence, costs nothing, and the next try works."""

import os
import signal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from desktop_app.jobs.confinement import MEMORY_VARIABLE
from desktop_app.jobs.history.store import History
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.limits import Limits
from desktop_app.jobs.recipes import ReadRecipe
from desktop_app.ui.logs.book import book
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.window import MainWindow
from tests.flows.clicks import OPEN_MS, click
from tests.unit.jobs.worker_under_test import COMMAND

BEHAVIOURS = ("segfault", "leave 3", "allocate 4000000000", "hang", "raw garbage", "raw truncated", "native-allocation")


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


@pytest.fixture
def unlucky(qtbot, settings_folder, tmp_path):
    """The window with a worker whose tasks misbehave in the way that the recipe's path names."""
    limits = {ReadRecipe: Limits("testing", silence=3, total=20, grace=1.0)}
    host = WorkerHost(COMMAND, limits, {MEMORY_VARIABLE: str(2 * 2**30), "OMP_NUM_THREADS": "1"})
    shown = MainWindow(Runner(host=host), Store(tmp_path / "sessions"), History(tmp_path / "history"))
    shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(shown)
    shown.show()
    yield shown
    shown.setProperty("closing", True)
    shown.close()


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_misfortune_is_a_sentence_and_the_next_job_works(unlucky, qtbot, behaviour):
    messages = unlucky.messages
    qtbot.waitUntil(lambda: unlucky.session.work.current is None, timeout=OPEN_MS)
    messages.recall(())
    for number in (1, 2):  # the second shows that the first has left a window that works
        unlucky.session.read_recipe(behaviour)
        qtbot.waitUntil(lambda: bool(messages.memory()), timeout=OPEN_MS)
        failure = messages.memory()[-1].failure
        assert messages.isVisible(), number
        assert failure.sentence.endswith((".", "!")), failure.sentence
        assert "Traceback" not in failure.sentence
        assert any(failure.sentence in line for line in book().lines)
        messages.recall(())
    assert unlucky.session.work.current is None
