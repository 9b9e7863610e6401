import shutil
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QToolButton

from desktop_app.core.progress import Measurement, Progress
from desktop_app.jobs.messages import Failed, OpenModel
from desktop_app.ui.long_work import LongWork
from desktop_app.ui.views.task_line import TaskLine
from desktop_app.ui.work import Task

TASK = Task(OpenModel("/net.onnx"), "Opening net.onnx", lambda _: None)


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def followed(work, seconds) -> LongWork:
    return LongWork(work, clock=lambda: seconds[0])


def test_it_knows_how_far_the_task_is_and_how_long_it_takes(followed, work, hand, seconds):
    assert followed.standing is None
    work.ask(TASK)
    assert (followed.standing.task, followed.standing.done) == (TASK, None)
    hand.progress.emit(Progress("open", 0.25, eta=9.0))
    seconds[0] = 2.0
    assert (followed.standing.done, followed.standing.left) == (0.25, 7.0)
    hand.measurement.emit(Measurement("bytes", 1.0, "open"))
    hand.finished.emit(None)
    assert followed.standing is None


@pytest.mark.parametrize(
    ("lasted", "how", "told"),
    [(29.0, "finished", []), (31.0, "finished", [None]), (31.0, "failed", ["It broke."]), (31.0, "stopped", [])],
)
def test_the_end_of_long_work_is_told_unless_the_user_stopped_it(followed, work, hand, seconds, lasted, how, told):
    ended = []
    followed.ended.connect(ended.append)
    work.ask(TASK)
    seconds[0] = lasted
    {"finished": lambda: hand.finished.emit(None), "failed": lambda: hand.failed.emit(Failed("It broke."))}.get(
        how, work.cancel
    )()
    assert [one.failure.sentence if one.failure else None for one in ended] == told


def test_the_status_line_has_a_bar_the_time_and_a_way_out(followed, work, hand, qtbot):
    line = TaskLine(followed)
    qtbot.addWidget(line)
    assert not line.isVisible()
    work.ask(TASK)
    qtbot.waitUntil(line.isVisible)
    assert line.findChild(QProgressBar, "taskBar").maximum() == 0, "not known yet"
    hand.progress.emit(Progress("open", 0.42, eta=12.0))
    assert line.findChild(QProgressBar, "taskBar").value() == 42
    assert line.findChild(QLabel, "taskLeft").text() == "12 s left"
    line.stop_wanted.connect(work.cancel)
    qtbot.mouseClick(line.findChild(QToolButton, "taskStop"), Qt.MouseButton.LeftButton)
    assert not line.isVisible()


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="this system has no bus to try")
def test_the_launcher_and_the_desktop_are_told_on_the_bus(tmp_path):
    script = (
        "from PySide6.QtCore import QCoreApplication; app = QCoreApplication([]);"
        "from desktop_app.ui.desktop.bus import has_bus, notify, tell_launcher; assert has_bus();"
        "tell_launcher('compression-studio', 0.42); notify('work', 'net.onnx', 'done');"
        "import time; time.sleep(0.5); app.processEvents()"
    )
    heard = tmp_path / "heard"
    command = f'dbus-monitor > {heard} & sleep 1; "{sys.executable}" -c "{script}"; status=$?; kill %1; exit $status'
    done = subprocess.run(["dbus-run-session", "--", "bash", "-c", command], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    text = heard.read_text()
    assert "application://compression-studio.desktop" in text
    assert "double 0.42" in text
    assert "AddNotification" in text
