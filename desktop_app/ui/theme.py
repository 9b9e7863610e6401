"""How it looks: Fusion with a palette of our own, as the settings say or as the system is, switched while it runs."""

from functools import cache

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.core.language import current
from desktop_app.core.resources import resource
from desktop_app.ui.fonts import fit_font
from desktop_app.ui.palettes import CONTRAST_DARK, CONTRAST_LIGHT, colours
from desktop_app.ui.settings.rows import LANGUAGE, TEXT_SIZE, THEME
from desktop_app.ui.settings.store import settings

CONTRASTS = frozenset(QColor(one.roles["Mid"]).rgb() for one in (CONTRAST_LIGHT, CONTRAST_DARK))
STYLE = "Fusion"
USUAL_DIGIT = 7.63
"""Width of a digit, in pixels, for which the widths in this program were chosen."""
SMALL = 8 / 9
"""Size of the text at the axes of a picture, of the text around it."""


class Theme(QObject):
    """Gives the application its colours and text size, and follows the settings and the system from now on."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._font = app.font()
        self._hints = QGuiApplication.styleHints()
        self._accessibility = self._hints.accessibility()  # kept: Python's reference keeps the object of Qt alive
        app.setStyle(STYLE)
        self.refresh()
        self._hints.colorSchemeChanged.connect(self.refresh)
        self._accessibility.contrastPreferenceChanged.connect(self.refresh)
        settings().changed.connect(self._on_setting)

    def refresh(self) -> None:
        """Looks at the settings and at the system, and gives the application what they ask for."""
        theme = settings().read(THEME)
        if theme == "system":
            self._hints.unsetColorScheme()
            dark = self._hints.colorScheme() == Qt.ColorScheme.Dark
            contrast = self._accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast
        else:
            dark, contrast = theme.endswith("dark"), theme.startswith("contrast")
            self._hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)  # frames follow
        font = self._fitting_font()
        if font != self._app.font():
            self._app.setStyleSheet("")  # below a style sheet, widgets keep the font that they had
            self._app.setFont(font)
        paint(self._app, dark, contrast)

    def _on_setting(self, key: str) -> None:
        other_font = key == LANGUAGE.key and self._fitting_font() != self._app.font()
        if key in (THEME.key, TEXT_SIZE.key) or other_font:
            self.refresh()

    def _fitting_font(self) -> QFont:
        """The font in the size of the settings, and with the letters of the language."""
        return fit_font(_scaled(self._font, settings().read(TEXT_SIZE) / 100), current().code)


def apply_theme(app: QApplication) -> Theme:
    """Sets style and palette, and follows settings and system from now on."""
    return Theme(app)


def is_dark() -> bool:
    """Whether light text stands on a dark ground now."""
    return QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def is_contrast() -> bool:
    """Whether the colours are those of high contrast now."""
    return QApplication.palette().color(QPalette.ColorRole.Mid).rgb() in CONTRASTS


def signal_colour(name: str) -> str:
    """The colour for "good", "bad" or "warn" on the ground as it is now; it never carries the meaning alone."""
    return colours(is_dark(), is_contrast()).signals[name]


def numbers_font(font: QFont) -> QFont:
    """The font with digits of equal width, so that columns of numbers line up."""
    tabular = QFont(font)
    tabular.setFeature(QFont.Tag("tnum"), 1)
    return tabular


def scaled(width: int) -> int:
    """A width in pixels that was chosen for text of the usual size, for text as it is now; never less."""
    return round(width * max(1.0, QFontMetricsF(QApplication.font()).horizontalAdvance("0") / USUAL_DIGIT))


def small_font(font: QFont) -> QFont:
    """The font for what stands at the axes of a picture: a step smaller than the text around it."""
    return _scaled(font, SMALL)


def _scaled(font: QFont, factor: float) -> QFont:
    """The font in another size; some systems tell theirs in points, some in pixels."""
    scaled = QFont(font)
    if font.pointSizeF() > 0:
        scaled.setPointSizeF(font.pointSizeF() * factor)
    else:
        scaled.setPixelSize(round(font.pixelSize() * factor))
    return scaled


def paint(app: QApplication, dark: bool, contrast: bool = False) -> None:
    """Gives the application its colours."""
    sheet = _sheet(dark, contrast)
    if sheet == app.styleSheet():
        app.setPalette(colours(dark, contrast).palette())
        app.setStyle(STYLE)  # goes through all widgets once; another sheet goes through them twice
    else:
        app.setStyleSheet("")  # Qt keeps style rules of widgets that are gone, and changing a sheet goes through them
        app.setPalette(colours(dark, contrast).palette())
        app.setStyleSheet(sheet)


@cache
def _sheet(dark: bool, contrast: bool) -> str:
    """The style sheet of a theme; its colours are those of the palette."""
    sheet = resource("style.qss").read_text(encoding="utf-8")
    if contrast:
        sheet += resource("contrast.qss").read_text(encoding="utf-8")
    tick = "tick_black" if dark and contrast else "tick_white"  # what stands on the accent's colour
    return sheet.replace("@icons", resource("icons").as_posix()).replace("@tick", tick)
