"""How it looks: Fusion with a palette of our own, light or dark as the system is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.core.resources import resource

LIGHT = {
    "Window": "#f4f5f8",
    "WindowText": "#1d2330",
    "Base": "#ffffff",
    "AlternateBase": "#f8f9fb",
    "Text": "#1d2330",
    "PlaceholderText": "#858d9c",
    "Button": "#ffffff",
    "ButtonText": "#2b3242",
    "BrightText": "#ffffff",
    "ToolTipBase": "#262c3a",
    "ToolTipText": "#f3f5f9",
    "Highlight": "#dbe6ff",
    "HighlightedText": "#14203a",
    "Accent": "#2f62e0",
    "Link": "#2f62e0",
    "Light": "#ffffff",
    "Midlight": "#eceef3",
    "Mid": "#d6dae2",
    "Dark": "#b4bac6",
    "Shadow": "#8d94a3",
}
DARK = {
    "Window": "#1a1d24",
    "WindowText": "#e4e8f0",
    "Base": "#20242c",
    "AlternateBase": "#242933",
    "Text": "#e4e8f0",
    "PlaceholderText": "#858fa1",
    "Button": "#2a303b",
    "ButtonText": "#d9deE8",
    "BrightText": "#ffffff",
    "ToolTipBase": "#333b49",
    "ToolTipText": "#eef1f6",
    "Highlight": "#2c4272",
    "HighlightedText": "#f1f5ff",
    "Accent": "#4a7cf0",
    "Link": "#8db0ff",
    "Light": "#3a4250",
    "Midlight": "#2a303b",
    "Mid": "#363d4a",
    "Dark": "#12151a",
    "Shadow": "#0b0d11",
}
DISABLED = ("WindowText", "Text", "ButtonText")
SIGNALS = {False: {"good": "#1d7f4e", "bad": "#b3372f", "warn": "#95610a"},
           True: {"good": "#58c48b", "bad": "#f08a80", "warn": "#e6b455"}}  # fmt: skip


def apply_theme(app: QApplication) -> None:
    """Sets style and palette, and follows the system between light and dark from now on."""
    app.setStyle("Fusion")
    hints = QGuiApplication.styleHints()
    paint(app, hints.colorScheme() == Qt.ColorScheme.Dark)
    hints.colorSchemeChanged.connect(lambda scheme: paint(app, scheme == Qt.ColorScheme.Dark))


def is_dark() -> bool:
    """Whether light text stands on a dark ground now."""
    return QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def signal_colour(name: str) -> str:
    """The colour for "good", "bad" or "warn" on the ground as it is now; it never carries the meaning alone."""
    return SIGNALS[is_dark()][name]


def numbers_font(font: QFont) -> QFont:
    """The font with digits of equal width, so that columns of numbers line up."""
    tabular = QFont(font)
    tabular.setFeature(QFont.Tag("tnum"), 1)
    return tabular


def paint(app: QApplication, dark: bool) -> None:
    """Gives the application its colours."""
    app.setPalette(_palette(DARK if dark else LIGHT))
    sheet = resource("style.qss").read_text(encoding="utf-8")
    app.setStyleSheet(sheet.replace("@icons", resource("icons").as_posix()))


def _palette(colours: dict[str, str]) -> QPalette:
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(QPalette.ColorRole[role], QColor(colour))
    for role in DISABLED:
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(colours["PlaceholderText"]))
    return palette
