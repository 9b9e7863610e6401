"""The application changes its colours, the short way and the long way."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop_app.ui.palettes import colours
from desktop_app.ui.theme import paint
from desktop_app.ui.views.trial_view import CommandRow


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


@pytest.mark.parametrize("dark", [False, True])
def test_commands_of_a_tab_have_a_border_which_is_broken_where_they_are_off(opened, theme, qapp, qtbot, dark):
    """In high contrast no grey says that something is off."""
    paint(qapp, dark, contrast=True)
    row = CommandRow("commands")
    qtbot.addWidget(row)
    row.add(opened.actions_, ("file.open", "edit.undo"))
    row.show()
    text = QColor(colours(dark, contrast=True).roles["Text"])
    solid = {}
    for button in row.findChildren(QToolButton):
        picture = button.grab().toImage()
        edge = {picture.pixelColor(x, 0).name() for x in range(8, picture.width() - 8)}
        solid[button.isEnabled()] = edge == {text.name()}
    assert solid == {True: True, False: False}
