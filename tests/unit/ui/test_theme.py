"""The application changes its colours, the short way and the long way."""

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_app.ui.theme import paint


@pytest.fixture
def page(theme, qtbot):
    """Widgets that the style sheet speaks of."""
    shown = QWidget()
    qtbot.addWidget(shown)
    layout = QVBoxLayout(shown)
    quiet, primary, box = QLabel("quiet"), QPushButton("Run"), QCheckBox("Recover")
    quiet.setProperty("quiet", True)
    primary.setProperty("primary", True)
    box.setChecked(True)
    for widget in (quiet, primary, box, QLineEdit("line"), QPushButton("other")):
        layout.addWidget(widget)
    shown.show()
    return shown


def test_only_other_colours_give_the_same_picture_as_all_made_anew(page, qapp):
    pictures = {}
    for dark in (False, True):
        paint(qapp, not dark, contrast=True)
        paint(qapp, dark)  # from another style sheet
        pictures[dark] = page.grab().toImage()
    for dark in (False, True, False):
        paint(qapp, dark)  # in the style sheet that is set
        assert page.grab().toImage() == pictures[dark]
    assert pictures[False] != pictures[True]
