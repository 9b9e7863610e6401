"""Makes the icons that Windows and macOS want from `resources/icons/studio.svg`.

    python packaging/make_icons.py

They are made at build, before PyInstaller runs; nothing but the drawing is kept in the project.
"""

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QGuiApplication, QIcon

HERE = Path(__file__).resolve().parent
DRAWING = HERE.parent / "resources" / "icons" / "studio.svg"
WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)
MAC_SIZE = 1024


def main() -> int:
    """Makes both."""
    application = QGuiApplication([*sys.argv, "-platform", "offscreen"])
    largest = drawn(MAC_SIZE)
    largest.save(HERE / "macos" / "studio.icns")
    drawn(WINDOWS_SIZES[-1]).save(HERE / "windows" / "studio.ico", sizes=[(size, size) for size in WINDOWS_SIZES])
    application.quit()
    return 0


def drawn(size: int) -> Image.Image:
    """The drawing, `size` pixels high and wide."""
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QIcon(str(DRAWING)).pixmap(QSize(size, size)).toImage().save(buffer, "PNG")
    return Image.open(BytesIO(store.data()))


if __name__ == "__main__":
    sys.exit(main())
