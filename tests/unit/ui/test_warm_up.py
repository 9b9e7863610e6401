"""The window comes up before what draws is loaded, and has it before it is asked for."""

import subprocess
import sys

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.jobs.messages import Opened
from desktop_app.ui.views.workspace import Workspace
from desktop_app.ui.warm_up import LATER as LATER_MODULES
from desktop_app.ui.warm_up import LATER_MS, WarmUp

LIBRARIES = ("numpy", "pyqtgraph", "yaml", "typer", "rich", "onnx")
LATER = ("cli", "core.layout.nested", "ui.dialogs.compare_runs", "ui.dialogs.palette", "ui.dialogs.recover",
         "ui.plots.mini", "ui.views.workspace")  # fmt: skip
BEHIND = ("numpy", "pyqtgraph", "desktop_app.ui.graph.panel", "desktop_app.ui.views.search",
          "desktop_app.ui.views.tradeoff")  # fmt: skip
HEAVY = (*LIBRARIES, *(f"desktop_app.{name}" for name in LATER))


def test_the_window_is_imported_without_what_draws_and_without_what_is_asked_for_later():
    program = f"import sys, desktop_app.opening, desktop_app.app; print([one for one in {HEAVY} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_shows_a_model_is_imported_without_what_the_tabs_behind_show():
    program = f"import sys, desktop_app.ui.views.workspace; print([one for one in {BEHIND} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_tabs_behind_show_is_imported_before_it_is_asked_for(qtbot):
    parent = QObject()
    warm = WarmUp(lambda: None, lambda: False, parent)
    warm.start()
    qtbot.waitUntil(lambda: not warm._left and warm._loading.isFinished(), timeout=60_000)
    assert set(LATER_MODULES) <= sys.modules.keys()


def test_while_the_user_waits_for_a_model_nothing_more_is_begun(qtbot):
    busy, parent = [True], QObject()
    warm = WarmUp(lambda: None, lambda: bool(busy), parent)
    warm.start()
    qtbot.waitUntil(lambda: len(warm._left) == 1, timeout=60_000)
    qtbot.wait(LATER_MS + 300)
    assert len(warm._left) == 1
    busy.clear()
    qtbot.waitUntil(lambda: not warm._left, timeout=60_000)
    warm.stop()


def test_the_workspace_is_made_soon_after_the_window_is_shown(window, qtbot):
    assert window.findChild(Workspace) is None
    qtbot.waitUntil(lambda: window.findChild(Workspace) is not None, timeout=60_000)
    assert window.start.isVisible()


def test_a_window_that_is_gone_makes_no_views(qapp):
    made: list[bool] = []
    parent = QObject()
    warm = WarmUp(lambda: made.append(True), lambda: False, parent)
    warm._load()
    assert warm._loading.isRunning()
    warm.stop()  # what it has told of its end is heard only now
    QCoreApplication.processEvents()
    assert made == []


def test_who_opens_a_model_sooner_gets_it_at_once(window, summary):
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))
    assert window.workspace.isVisible()
    assert [one.text() for one in window._face._columns.actions()]
