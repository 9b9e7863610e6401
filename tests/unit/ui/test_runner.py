import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QThread, QTimer
from pytestqt.qtbot import QtBot

from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.messages import Failed
from desktop_app.jobs.recipes import ReadRecipe, RecipeRead
from desktop_app.ui.runner import MAX_WAITING, Runner

sys.path.append(str(Path(__file__).parents[1] / "jobs"))
from tests.unit.jobs.worker_under_test import COMMAND

WAIT = 20_000


@pytest.fixture
def runner(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    one = Runner(host=WorkerHost(COMMAND))
    yield one
    one.shutdown()


def test_a_request_is_begun_tells_and_finishes(qtbot: QtBot, runner: Runner) -> None:
    told: list[object] = []
    threads: list[object] = []
    runner.started.connect(told.append)
    runner.measurement.connect(lambda _: threads.append(QThread.currentThread()))
    runner.busyChanged.connect(told.append)
    with qtbot.waitSignal(runner.finished, timeout=WAIT) as finished:
        runner.submit(ReadRecipe("measure 3"))
        assert runner.busy
    assert finished.args == [RecipeRead("measure 3", Recipe())]
    assert not runner.busy
    assert told == [True, "read_recipe", False]
    assert threads == [runner.thread()] * 3


def test_progress_comes_at_most_ten_times_a_second(qtbot: QtBot, runner: Runner) -> None:
    came: list[tuple[float, Progress]] = []
    measured: list[Measurement] = []
    runner.progress.connect(lambda event: came.append((time.monotonic(), event)))
    runner.measurement.connect(measured.append)
    with qtbot.waitSignal(runner.finished, timeout=WAIT):
        runner.submit(ReadRecipe("measure 20000"))
    assert len(measured) == 20000
    assert came[-1][1].done == 1.0
    assert len(came) <= 10 * (came[-1][0] - came[0][0]) + 3


def test_requests_wait_their_turn(qtbot: QtBot, runner: Runner) -> None:
    results: list[object] = []
    runner.finished.connect(results.append)
    for name in ("fine a", "fine b"):
        runner.submit(ReadRecipe(name))
    assert [request.path for request in runner.waiting] == ["fine a", "fine b"]
    qtbot.waitUntil(lambda: len(results) == 2, timeout=WAIT)
    assert [result.path for result in results] == ["fine a", "fine b"]


def test_too_many_requests_are_refused_with_a_sentence(qtbot: QtBot, runner: Runner) -> None:
    refused: list[Failed] = []
    runner.failed.connect(refused.append)
    for _ in range(MAX_WAITING + 1):
        runner.submit(ReadRecipe("obey"))
    assert refused == []
    runner.submit(ReadRecipe("obey"))
    assert str(MAX_WAITING) in refused[0].sentence
    assert len(runner.waiting) == MAX_WAITING + 1


def test_cancel_stops_what_is_done_and_what_waits(qtbot: QtBot, runner: Runner) -> None:
    stopped: list[bool] = []
    runner.stopped.connect(lambda: stopped.append(True))
    with qtbot.waitSignal(runner.progress, timeout=WAIT):
        runner.submit(ReadRecipe("obey"))
        runner.submit(ReadRecipe("obey"))
    with qtbot.waitSignal(runner.busyChanged, timeout=WAIT) as busy:
        runner.cancel()
    assert busy.args == [False]
    assert stopped == [True, True]
    with qtbot.waitSignal(runner.finished, timeout=WAIT):
        runner.submit(ReadRecipe("fine"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_killed_worker_is_a_sentence_and_the_next_job_works(qtbot: QtBot, runner: Runner) -> None:
    with qtbot.waitSignal(runner.progress, timeout=WAIT):
        runner.submit(ReadRecipe("obey"))
    with qtbot.waitSignal(runner.failed, timeout=WAIT) as failed:
        os.kill(runner.host.worker_pid or 0, signal.SIGKILL)
    assert "SIGKILL" in failed.args[0].sentence
    with qtbot.waitSignal(runner.finished, timeout=WAIT):
        runner.submit(ReadRecipe("fine"))


def test_the_window_goes_on_while_the_worker_computes(qtbot: QtBot, runner: Runner) -> None:
    beats: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    with qtbot.waitSignal(runner.progress, timeout=WAIT):
        runner.submit(ReadRecipe("spin"))
    timer.start(10)
    qtbot.wait(500)
    timer.stop()
    assert len(beats) > 20


def test_shutting_down_in_mid_task_leaves_nothing_behind(qtbot: QtBot, runner: Runner) -> None:
    with qtbot.waitSignal(runner.progress, timeout=WAIT):
        runner.submit(ReadRecipe("spin"))
    pid, session = runner.host.worker_pid or 0, runner.host.session
    runner.shutdown()
    assert runner._thread.isFinished()
    assert not psutil.pid_exists(pid)
    assert not session.exists()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("worker")]
    runner.shutdown()
