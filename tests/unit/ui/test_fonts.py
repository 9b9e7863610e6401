"""Whether the language of now can be read with the fonts of this computer."""

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

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


@pytest.fixture
def fonts(monkeypatch):
    monkeypatch.setattr(QFontDatabase, "families", staticmethod(lambda *_: ["Noto Sans CJK SC"]))


def system_speaks(monkeypatch, *wanted: str) -> None:
    class System:
        def uiLanguages(self) -> list[str]:
            return list(wanted)

    monkeypatch.setattr(QLocale, "system", staticmethod(System))


def test_a_change_of_the_language_is_no_change_of_the_font(qapp, fonts, monkeypatch):
    system_speaks(monkeypatch, "en-US")
    assert fit_font(qapp.font(), "zh_CN").families() == [QFontInfo(qapp.font()).family(), "Noto Sans CJK SC"]
    assert fit_font(qapp.font(), "en").families() == [QFontInfo(qapp.font()).family(), "Noto Sans CJK SC"]


@pytest.mark.parametrize("spoken", ["ja-JP", "ko", "zh-Hant-TW", "zh_HK"])
def test_who_writes_the_characters_otherwise_sees_them_so_in_english(qapp, fonts, monkeypatch, spoken):
    system_speaks(monkeypatch, "en-US", spoken)
    assert fit_font(qapp.font(), "en").families() == [QFontInfo(qapp.font()).family()]
    assert fit_font(qapp.font(), "zh_CN").families() == [QFontInfo(qapp.font()).family(), "Noto Sans CJK SC"]


@pytest.mark.parametrize("size", [7.5, 13.5, 31.0])
def test_what_stands_behind_the_font_does_not_take_its_place(qapp, size):
    """Sizes that no other text has: Qt remembers what it chose for a size."""
    system = QFont(qapp.font().family(), pointSize=-1)
    system.setPointSizeF(size)
    assert QFontInfo(fit_font(system, "zh_CN")).family() == QFontInfo(system).family()
