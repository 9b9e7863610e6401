"""Fonts for the language of now: whether there are any, and which draw its letters as its readers write them."""

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QFont, QFontDatabase

SYSTEMS: Mapping[str, QFontDatabase.WritingSystem] = {"zh_CN": QFontDatabase.WritingSystem.SimplifiedChinese}
"""The writing of a language; others are written with letters that every font has."""

PREFERRED: Mapping[str, Sequence[str]] = {
    "zh_CN": ("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")
}
"""Fonts of Windows, macOS and Linux: others draw the same characters as they are written in Japan."""

MISSING = (
    "No font on this computer has Chinese characters: they show as boxes. Install one and start again; "
    "on Debian and Ubuntu: sudo apt install fonts-noto-cjk"
)
"""Not translated: nobody could read it."""


def missing_font(code: str) -> str:
    """Why a language cannot be read here; empty where it can."""
    system = SYSTEMS.get(code)
    return MISSING if system is not None and not QFontDatabase.families(system) else ""


def fit_font(font: QFont, code: str) -> QFont:
    """The font, with one behind it for the characters that it has not."""
    known = set(QFontDatabase.families())
    behind = [one for one in PREFERRED.get(code, ()) if one in known]
    fitted = QFont(font)
    fitted.setFamilies([font.family(), *behind[:1]])
    return fitted
