import logging
import sys
import threading

import pytest
from PySide6.QtCore import QTimer, qInstallMessageHandler, qWarning
from PySide6.QtWidgets import QApplication

from desktop_app.jobs.messages import Failed
from desktop_app.ui.dialogs.crash import CrashTeller, crash_box
from desktop_app.ui.logs.book import book
from desktop_app.ui.logs.hooks import Hooks, log_qt


@pytest.fixture
def hooks(qapp, monkeypatch):
    """All hooks as the program sets them; undone at the end."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    made = Hooks()
    made.install()
    yield made
    qInstallMessageHandler(None)


def test_an_error_in_a_slot_is_told_with_its_traceback(hooks, qtbot, caplog):
    def fails():
        raise ValueError("seven is odd")

    with qtbot.capture_exceptions(), qtbot.waitSignal(hooks.failed) as told:
        sys.excepthook = hooks._on_error  # pytest-qt has put its own in the way
        QTimer.singleShot(0, fails)
    assert "seven is odd" in told.args[0].details
    assert "in fails" in told.args[0].details
    assert "seven is odd" in caplog.text


def test_an_error_in_a_thread_is_told_in_the_window(hooks, qtbot):
    with qtbot.waitSignal(hooks.failed) as told:
        threading.Thread(target=lambda: [][1]).start()
    assert "IndexError" in told.args[0].details


def test_what_qt_says_is_logged(hooks, caplog):
    with caplog.at_level(logging.WARNING, "qt"):
        qInstallMessageHandler(log_qt)
        qWarning("a curtain has no rail")
    assert "a curtain has no rail" in caplog.text


def test_the_window_of_an_error_says_what_it_was_and_stays_open_while_it_is_copied(qapp, qtbot):
    box = crash_box(Failed("It broke.", "Traceback\nValueError: seven is odd\n"))
    qtbot.addWidget(box)
    box.open()
    assert "ValueError: seven is odd" in box.informativeText()
    next(one for one in box.buttons() if one.text() == "Copy details").click()
    assert "seven is odd" in QApplication.clipboard().text()
    assert box.isVisible()
    next(one for one in box.buttons() if one.text() == "Go on").click()
    assert not box.isVisible()


def test_errors_one_after_another_open_one_window(qapp):
    teller = CrashTeller()
    teller.tell(Failed("First.", "a"))
    first = teller._box
    teller.tell(Failed("Second.", "b"))
    assert teller._box is first
    first.reject()
    assert teller._box is None


def test_the_book_has_the_newest_lines_of_any_thread(qapp, qtbot):
    with qtbot.waitSignal(book().added) as added:
        threading.Thread(target=lambda: logging.getLogger("desktop_app.x").info("from afar")).start()
    assert added.args == ["INFO: from afar"]
    assert "INFO: from afar" in book().lines
