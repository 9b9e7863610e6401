"""The first worker is started before the window, and is the window's."""

import pytest

from desktop_app.jobs.confinement import MEMORY_VARIABLE
from desktop_app.ui import first_worker as module
from desktop_app.ui.first_worker import first_worker
from desktop_app.ui.runner import Runner
from desktop_app.ui.settings.rows import MEMORY
from desktop_app.ui.settings.store import settings


@pytest.fixture
def named(settings_folder, monkeypatch):
    """Settings of the test stay where they are."""
    monkeypatch.setattr(module, "NAME", "tests")


def test_it_is_started_at_once_as_the_settings_say_and_the_window_uses_it(named, qtbot):
    settings().write(MEMORY, 3)
    host = first_worker()
    started = host.worker_pid
    assert started is not None
    assert host._variables[MEMORY_VARIABLE] == str(3 * 2**30)
    runner = Runner(host=host)
    qtbot.wait(50)
    assert host.worker_pid == started
    settings().write(MEMORY, 4)
    assert host._variables[MEMORY_VARIABLE] == str(4 * 2**30)
    runner.shutdown()
    assert host.worker_pid is None
