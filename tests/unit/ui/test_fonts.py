"""Whether the language of now can be read with the fonts of this computer."""

from PySide6.QtGui import QFont, QFontDatabase

from desktop_app.ui.fonts import MISSING, fit_font, missing_font
from desktop_app.ui.language import speak
from tests.unit.ui.test_language import _english_again, titles

__all__ = ["_english_again"]


def without_chinese(monkeypatch) -> None:
    monkeypatch.setattr(QFontDatabase, "families", staticmethod(lambda *_: []))


def test_english_needs_no_font_of_its_own(qapp, monkeypatch):
    without_chinese(monkeypatch)
    assert missing_font("en") == ""


def test_a_bare_computer_is_told_what_to_install(window, qtbot, monkeypatch):
    without_chinese(monkeypatch)
    assert missing_font("zh_CN") == MISSING
    speak("zh_CN")
    qtbot.waitUntil(lambda: titles(window)[0] == "文件")
    qtbot.waitUntil(lambda: window.messages.isVisible())
    assert "fonts-noto-cjk" in str(window.messages.memory())


def test_a_font_of_the_language_stands_behind_the_font(qapp, monkeypatch):
    monkeypatch.setattr(QFontDatabase, "families", staticmethod(lambda *_: ["Noto Sans CJK SC", "Other"]))
    assert fit_font(QFont("Other"), "zh_CN").families() == ["Other", "Noto Sans CJK SC"]
    assert fit_font(QFont("Other"), "en").families() == ["Other"]
