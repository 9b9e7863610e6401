"""The application's own icons, drawn in the colour of the text around them."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desktop_app.core.resources import resource

SIZES = (16, 20, 24, 32, 48)


def icon(name: str) -> QIcon:
    """The icon of that name in the colours of the palette as it is now; ask again when the palette changes."""
    palette = QApplication.palette()
    return _coloured(
        name,
        palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText).name(),
        palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name(),
    )


def on_accent(name: str) -> QIcon:
    """The icon for a button in the accent's colour; grey like the others where the button is off."""
    palette = QApplication.palette()
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
    return _coloured(name, palette.color(QPalette.ColorRole.BrightText).name(), disabled)


def tinted(name: str, colour: str) -> QIcon:
    """The icon in a colour of its own, `#rrggbb`."""
    return _coloured(name, colour, colour)


@lru_cache(maxsize=256)
def _coloured(name: str, enabled: str, disabled: str) -> QIcon:
    made = QIcon()
    source = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    for colour, mode in ((enabled, QIcon.Mode.Normal), (disabled, QIcon.Mode.Disabled)):
        for size in SIZES:
            made.addPixmap(_drawn(source.replace("currentColor", colour), size), mode)
    return made


def _drawn(source: str, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    return pixmap
