"""The next start offers what a crash has left: seen, put away until the start after, or deleted."""

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QToolButton

from desktop_app.ui.language import speak
from desktop_app.ui.logs.files import crash_reports
from tests.unit.ui.logs.test_files import CRASH

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows shows a window of its own")


@pytest.fixture
def crashed(tmp_path):
    """The log folder of a program that has crashed."""
    subprocess.run([sys.executable, "-c", CRASH, str(tmp_path / "log")], check=False, capture_output=True)
    return tmp_path / "log"


def bar(window):
    return window.findChild(QLabel, "crashText").parentWidget()


def press(qtbot, window, kind, name):
    qtbot.mouseClick(window.findChild(kind, name), Qt.MouseButton.LeftButton)


def test_without_a_crash_nothing_is_offered(window, tmp_path):
    window.crashes.look(tmp_path)
    assert not bar(window).isVisible()


def test_what_a_crash_has_left_is_shown_and_can_be_copied(window, qtbot, crashed):
    window.crashes.look(crashed)
    assert bar(window).isVisible()
    assert window.findChild(QLabel, "crashText").text().startswith("The program crashed on ")
    press(qtbot, window, QPushButton, "crashShow")
    box = window.findChild(QMessageBox, "pastCrashBox")
    assert "Segmentation fault" in box.detailedText()
    assert "string_at" in box.detailedText()
    copy = next(button for button in box.buttons() if button.text() == "Copy details")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert "Segmentation fault" in QGuiApplication.clipboard().text()
    assert box.isVisible()
    box.reject()
    assert bar(window).isVisible()


def test_deleted_reports_are_gone_for_good(window, qtbot, crashed):
    window.crashes.look(crashed)
    press(qtbot, window, QPushButton, "crashDelete")
    assert not bar(window).isVisible()
    assert crash_reports(crashed) == ()
    assert list(crashed.glob("*.log")), "the log stays"


def test_put_away_they_come_again_at_the_next_start(window, qtbot, crashed):
    window.crashes.look(crashed)
    press(qtbot, window, QToolButton, "crashClose")
    assert not bar(window).isVisible()
    assert len(crash_reports(crashed)) == 1
    window.crashes.look(crashed)
    assert bar(window).isVisible()


def test_the_offer_stays_in_another_language(window, qtbot, crashed):
    window.crashes.look(crashed)
    before = window.messages
    try:
        speak("zh_CN")
        qtbot.waitUntil(lambda: window.messages is not before)
        qtbot.waitUntil(lambda: bar(window).isVisible())
        assert "崩溃" in window.findChild(QLabel, "crashText").text()
    finally:
        speak("en")
