"""The application's own icons, drawn in the colour of the text around them."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desktop_app.core.resources import resource

SIZES = (16, 18, 20, 24, 32, 48)
"""In pixels of a screen at 100 %."""


def icon(name: str) -> QIcon:
    """The icon of that name in the colours of the palette as it is now; ask again when the palette changes."""
    palette = QApplication.palette()
    enabled = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText).name()
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
    chosen = palette.color(QPalette.ColorRole.HighlightedText).name()
    return _coloured(name, enabled, disabled, _ratio(), chosen)


def on_accent(name: str) -> QIcon:
    """The icon for a button in the accent's colour; grey like the others where the button is off."""
    palette = QApplication.palette()
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
    return _coloured(name, palette.color(QPalette.ColorRole.BrightText).name(), disabled, _ratio())


def tinted(name: str, colour: str) -> QIcon:
    """The icon in a colour of its own, `#rrggbb`."""
    return _coloured(name, colour, colour, _ratio())


def _ratio() -> float:
    """Pixels for each pixel at 100 %, of the finest screen."""
    application = QApplication.instance()
    return application.devicePixelRatio() if isinstance(application, QApplication) else 1.0


@lru_cache(maxsize=256)
def _coloured(name: str, enabled: str, disabled: str, ratio: float, chosen: str = "") -> QIcon:
    """Drawn for every size in the very pixels of the screen: a picture that is stretched is blurred.

    `chosen` is the colour on a selected row; left out, it is that of an icon that is on.
    """
    made = QIcon()
    pixels = {int(size * scale + 0.5) for size in SIZES for scale in (1.0, ratio)}
    source = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    modes = {QIcon.Mode.Normal: enabled, QIcon.Mode.Disabled: disabled, QIcon.Mode.Selected: chosen or enabled}
    for mode, colour in modes.items():
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
        for size in sorted(pixels):
            made.addPixmap(_drawn(renderer, size), mode)
    return made


def _drawn(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap
