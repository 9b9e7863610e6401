"""Fonts for the language of now: whether there are any, and which draw its letters as its readers write them."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QLocale
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

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
    """The font, with one behind it for the characters that it has not.

    It stands there in every language, for names of files and layers, unless the system itself writes such characters
    otherwise: a change of the language is no change of the font then, for which every widget would be measured anew.
    """
    known = set(QFontDatabase.families())
    wanted = PREFERRED.get(code, () if _writes_otherwise() else PREFERRED["zh_CN"])
    behind = [one for one in wanted if one in known]
    fitted = QFont(font)
    # By the name of what is drawn: where "Sans Serif" stands for another, Qt draws all with the one behind it.
    fitted.setFamilies([QFontInfo(font).family(), *behind[:1]])
    return fitted


def _writes_otherwise() -> bool:
    """Whether one of the system's languages has the same characters in shapes of its own."""
    for one in QLocale.system().uiLanguages():
        parts = one.replace("_", "-").split("-")
        if parts[0] in ("ja", "ko") or (parts[0] == "zh" and {"Hant", "TW", "HK", "MO"} & set(parts)):
            return True
    return False
