"""No thread is destroyed while it runs, whatever it waits for, and however its owner goes: that would be a crash."""

import os
import subprocess
import sys
import textwrap

import pytest

ARCHIVE = """
    import sys, time
    from pathlib import Path
    from PySide6.QtCore import QCoreApplication, QObject
    from shiboken6 import delete
    import desktop_app.ui.archive as archive
    from desktop_app.jobs.history.store import History

    archive.SHUTDOWN_MILLISECONDS = 50
    app, owner, waited = QCoreApplication([]), QObject(), []
    made = archive.Archive(History(Path(sys.argv[1])), owner)
    made.ask(lambda _: time.sleep(0.6) or waited.append(True), print)
"""
WINDOW = """
    import sys, time
    from PySide6.QtCore import QTimer
    import desktop_app.ui.archive as archive
    from desktop_app.app import run_window
    from desktop_app.jobs.history.store import History
    from desktop_app.ui.first_worker import first_worker

    archive.SHUTDOWN_MILLISECONDS = 50
    History.tidy = lambda self: time.sleep(60)
    host = first_worker()
    QTimer.singleShot(0, lambda: QTimer.singleShot(500, close))

    def close():
        from PySide6.QtWidgets import QApplication
        QApplication.closeAllWindows()

    sys.exit(run_window([], host))
"""


def outcome(program: str, more: str, folder) -> tuple[int, str, str]:
    """Exit status and what was written."""
    places = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    lines = textwrap.dedent(program) + more
    done = subprocess.run(
        [sys.executable, "-c", lines, str(folder / "history")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | places,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_disk_that_is_slow_when_the_window_closes_harms_nobody(tmp_path):
    more = "made.shutdown(); delete(owner); print('closed', waited); made._thread.wait(); print('over', waited)"
    status, told, trouble = outcome(ARCHIVE, more, tmp_path)
    assert (status, trouble) == (0, "")
    assert told.splitlines() == ["closed []", "over [True]"]


def test_who_ends_the_program_without_closing_the_window_ends_it_all_the_same(tmp_path):
    status, _, trouble = outcome(ARCHIVE, "sys.exit(3)", tmp_path)
    assert (status, trouble) == (3, "")


def test_a_disk_that_never_answers_does_not_keep_the_program(tmp_path):
    status, _, trouble = outcome(WINDOW, "", tmp_path)
    assert status == 0
    assert "Destroyed" not in trouble


def test_a_window_that_cannot_keep_its_session_ends_its_threads(window, monkeypatch):
    """As when the disk is full in a way that nobody thought of."""

    def fail(unsaved: bool) -> None:
        raise RuntimeError("no room")

    threads = (window.session.runner._thread, window.session.past._archive._thread)
    monkeypatch.setattr(window.keeper, "close", fail)
    with pytest.raises(RuntimeError, match="no room"):
        window.close()
    monkeypatch.undo()
    assert all(one.isFinished() for one in threads)
