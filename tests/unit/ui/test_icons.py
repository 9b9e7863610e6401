"""Icons are drawn in the pixels of the screen, whatever its scale."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon

from desktop_app.ui.icons import icon
from desktop_app.ui.palettes import CONTRAST_LIGHT

PROGRAM = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
from desktop_app.ui.icons import SIZES, icon
made = icon("open")
sharp = [made.pixmap(size, size) for size in SIZES]
available = {one.width() for one in made.availableSizes()}
print(app.devicePixelRatio(), all(one.width() in available for one in sharp), sharp[1].width())
"""


@pytest.mark.parametrize(("scale", "pixels"), [("1", 18), ("1.25", 23), ("1.5", 27), ("2", 36)])
def test_every_size_has_a_picture_of_its_own(scale, pixels):
    environment = {**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(float(scale)), "True", str(pixels)]


def test_on_a_selected_row_an_icon_has_the_colour_of_the_text_there(qtbot, qapp):
    before = qapp.palette()
    qapp.setPalette(CONTRAST_LIGHT.palette())
    try:
        drawn = icon("link").pixmap(QSize(32, 32), QIcon.Mode.Selected).toImage()
    finally:
        qapp.setPalette(before)
    colours = {
        drawn.pixelColor(x, y).name() for x in range(32) for y in range(32) if drawn.pixelColor(x, y).alpha() == 255
    }
    assert colours == {CONTRAST_LIGHT.roles["HighlightedText"]}
