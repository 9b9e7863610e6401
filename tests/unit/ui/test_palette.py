"""The palette finds all commands, recent models, presets and layers by a few letters, and does them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from desktop_app.jobs.messages import Opened
from desktop_app.ui.commands import COMMANDS
from desktop_app.ui.dialogs.palette import PaletteDialog
from desktop_app.ui.palette_items import Item, chosen


@pytest.fixture
def palette(window, summary, qtbot):
    """The palette of a window that shows a model, opened by its keys."""
    window.document.show(Opened(summary, "/snapshot"))
    return open_palette(window, qtbot)


def open_palette(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.findChild(PaletteDialog) is not None)
    return window.findChild(PaletteDialog)


def titles(palette):
    return [item.title for item in palette.found()]


def test_every_command_is_found_by_its_name(palette):
    for command in COMMANDS:
        palette.line.setText(command.text.rstrip("…"))
        assert titles(palette)[0] == command.text.rstrip("…")


def test_what_the_menus_hold_beside_commands_is_found_too(palette):
    palette.line.setText("macs columns")
    assert titles(palette) == ["MACs"]
    palette.line.setText("log")
    assert "Log" in titles(palette)


def test_what_cannot_be_done_is_shown_with_the_reason_and_is_not_done(palette, qtbot):
    qtbot.keyClicks(palette.line, "export")
    assert "Run the recipe first" in palette.findChild(QLabel, "paletteReason").text()
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
    index = palette.list.model().index(0)
    assert "Run the recipe first" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_a_layer_is_gone_to(window, palette, summary, qtbot):
    qtbot.keyClicks(palette.line, "innconv2")
    assert titles(palette) == ["/block/inner/conv2"]
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.document.selection.layers == ("/block/inner/conv2",)
    assert window.tree.selected_layers() == ("/block/inner/conv2",)
    assert window.focusWidget() is window.tree


def test_arrows_move_in_what_is_found(window, palette, qtbot):
    qtbot.keyClicks(palette.line, "recipe")
    first = titles(palette)[0]
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    qtbot.keyClick(palette.line, Qt.Key.Key_Up)
    assert palette.list.currentIndex().data() == first
    palette.line.setText("qqqq")
    assert palette.found() == []
    assert "Nothing answers" in palette.findChild(QLabel, "paletteReason").text()
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_a_preset_is_applied(window, summary, qtbot):
    qtbot.waitUntil(lambda: bool(window.session.presets.all), timeout=60_000)
    window.document.show(Opened(summary, "/snapshot"))
    palette = open_palette(window, qtbot)
    qtbot.keyClicks(palette.line, "weights in 16")
    assert palette.found()[0].group == "Preset"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.document.recipe.defaults.bits == 16
    assert window.document.undo_stack.count() == 1


def test_commands_come_before_layers_that_answer_as_well():
    items = [Item("run", "Go to layer", print, handicap=4.0), Item("Run", "Run", print)]
    assert [item.group for item in chosen(items, "run")] == ["Run", "Go to layer"]
    assert [item.group for item in chosen(items, "")] == ["Run"]


def test_f6_walks_through_the_parts_of_the_window(window, summary, qtbot):
    window.document.show(Opened(summary, "/snapshot"))
    window.activateWindow()
    window.tree.setFocus()
    qtbot.waitUntil(window.tree.hasFocus)
    seen = []
    for _ in range(5):
        focused = QApplication.focusWidget()
        part = next((name for name, one in parts(window).items() if one is focused or one.isAncestorOf(focused)), "")
        seen.append(part)
        qtbot.keyClick(focused, Qt.Key.Key_F6)
    assert seen == ["tree", "tabs", "side", "bar", "tree"]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.tree.hasFocus()


def parts(window):
    space = window.workspace
    return {"tree": space.tree, "tabs": space.tabs, "side": space.splitter.widget(2), "bar": window._face.bar}
