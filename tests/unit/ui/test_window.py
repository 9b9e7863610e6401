"""The real window under real clicks and keys, with a model made by hand: nothing here needs the worker."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.jobs.messages import Failed, Opened
from desktop_app.jobs.previews import DataPreview
from desktop_app.jobs.recipes import Preset
from desktop_app.ui import operations
from desktop_app.ui.commands import COMMANDS
from desktop_app.ui.theme import paint
from tests.unit.ui.ui_samples import asked, select

CONV1, CONV2 = "/block/inner/conv1", "/block/inner/conv2"


def button(window, name) -> QToolButton:
    return window.findChild(QToolButton, name)


def test_the_window_starts_with_the_start_page_and_says_why_things_are_off(window):
    assert window.start.isVisible()
    assert not button(window, "runButton").isEnabled()
    assert "Open a model first." in button(window, "runButton").toolTip()
    assert not button(window, "exportButton").isEnabled()


def test_no_keys_mean_two_commands():
    """Qt does neither of two that could be meant."""
    keys = [one for command in COMMANDS for one in command.shortcut.split("; ") if one]
    assert len(keys) == len(set(keys))


def test_every_command_that_is_off_says_why(opened):
    for command in COMMANDS:
        action = opened.actions_[command.id]
        if not action.isEnabled():
            assert "<br>" in action.toolTip(), command.id


def test_run_wants_something_to_do_and_export_a_run(opened):
    assert "Nothing is asked for" in button(opened, "runButton").toolTip()
    assert "Run the recipe first" in button(opened, "exportButton").toolTip()
    operations.set_bits(opened.document, [CONV1], 8)
    assert button(opened, "runButton").isEnabled()


def test_a_model_that_does_not_run_is_inspected_only(opened, summary):
    from msgspec.structs import replace

    opened.document.show(Opened(replace(summary, runnable="It has an operator Foo."), "/snapshot"))
    operations.set_bits(opened.document, [CONV1], 8)
    assert "operator Foo" in button(opened, "runButton").toolTip()


def test_the_slider_moves_the_prediction_and_is_undone_at_once(opened, qtbot):
    select(opened, "conv1")
    line = opened.findChild(QLabel, "predictedText")
    before = line.text()
    slider = opened.workspace.inspector.findChild(QSlider, "pruneSlider")
    for _ in range(3):
        qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert asked(opened, CONV1).prune == pytest.approx(0.15)
    assert line.text() != before

    qtbot.mouseClick(button(opened, "undoButton"), Qt.MouseButton.LeftButton)
    assert asked(opened, CONV1).prune == 0.0
    assert line.text() == before
    qtbot.mouseClick(button(opened, "redoButton"), Qt.MouseButton.LeftButton)
    assert asked(opened, CONV1).prune == pytest.approx(0.15)


def test_the_inspector_takes_a_rank_for_several_layers(opened, qtbot):
    select(opened, "conv1", "conv2")
    field = opened.workspace.inspector.findChild(QLineEdit, "rankField")
    qtbot.keyClicks(field, "0.25")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked(opened, CONV1).rank == asked(opened, CONV2).rank == 0.25


def test_the_inspector_tells_coupled_layers_and_refusals(opened):
    select(opened, "stem/conv")
    told = next(
        text
        for one in opened.workspace.inspector.findChildren(QLabel)
        if (text := one.text().replace("\u200b", "")).startswith("cut alike:")
    )
    alike, readers = told.split("read by:")
    assert CONV2 in alike
    assert CONV1 in readers
    assert "/head/classifier" in readers
    select(opened, "head/classifier")
    assert (
        "Its output is the model's output." in opened.workspace.inspector.findChild(QLabel, "inspectorRefusals").text()
    )
    assert not opened.workspace.inspector.findChild(QSlider, "pruneSlider").isEnabled()


def test_keys_filter_lock_and_reset(opened, qtbot):
    qtbot.keyClick(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    line = opened.findChild(QLineEdit, "filterEdit")
    qtbot.keyClicks(line, "conv1")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert [one.name for one in opened.tree.model().root.layers] == [CONV1]
    line.clear()
    qtbot.keyClick(line, Qt.Key.Key_Return)

    operations.set_bits(opened.document, [CONV1], 8)
    select(opened, "conv1")
    opened.tree.setFocus()
    qtbot.keyClick(opened.tree, Qt.Key.Key_Space)
    assert asked(opened, CONV1).locked
    qtbot.keyClick(opened, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert asked(opened, CONV1) == LayerSettings()


def test_a_preset_is_chosen_and_undone(opened, qtbot):
    choice = opened.findChild(QWidget, "presetChoice")
    choice._fill((Preset("All in 8 bits", "Small.", Recipe(defaults=LayerSettings(bits=8))),))
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    choice.activated.emit(0)
    assert asked(opened, CONV1).bits == 8
    assert choice.currentText() == "All in 8 bits"
    opened.document.undo_stack.undo()
    assert choice.currentIndex() == -1


def test_the_presets_of_the_application_are_read_by_the_worker(window, qtbot):
    qtbot.waitUntil(lambda: len(window.session.presets.all) > 2, timeout=60_000)
    assert any(one.recipe.defaults.bits == 8 for one in window.session.presets.all)


def test_a_failure_is_told_with_details_to_copy(opened, qtbot):
    from desktop_app.ui.views.message_bar import details_box

    opened.messages.fail(Failed("The file <b>x</b> is broken: send another.", "line 1"))
    text = opened.messages.findChild(QLabel, "messageText")
    assert text.isVisible()
    assert text.textFormat() == Qt.TextFormat.PlainText
    box = details_box(Failed("It broke.", "line 1"), opened)
    copy = next(one for one in box.buttons() if one.text() == "Copy details")
    copy.click()
    assert QApplication.clipboard().text().startswith("It broke.\n\nline 1")


def test_every_widget_that_takes_the_keyboard_has_a_name_for_screen_readers(opened):
    nameless = [
        f"{type(one).__name__} {one.objectName()}"
        for one in opened.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one.isVisible()
        and not one.accessibleName()
        and not getattr(one, "text", str)()
        and not one.objectName().startswith("qt_")
    ]
    assert not nameless


def test_a_preview_that_comes_after_the_dialog_was_closed_is_dropped(opened, monkeypatch):
    asked = []
    monkeypatch.setattr(opened.session, "preview_data", lambda settings, then: asked.append(then))
    opened.errands.edit_data()
    dialog = opened.findChild(QDialog, "dataDialog")
    dialog.reject()
    QApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
    assert opened.findChild(QDialog, "dataDialog") is None
    asked[0](DataPreview("images", 1, False, 0, 1, 0, None, False, ()))


def test_the_window_follows_the_system_into_the_dark_and_back(opened, qapp):
    tree, sample = opened.tree, opened.findChild(QPushButton, "sampleButton")
    inks = []
    try:
        for dark in (True, False):
            paint(qapp, dark)
            QApplication.processEvents()
            assert (tree.palette().base().color().lightness() < 128) is dark
            inks.append(sample.icon().pixmap(16, 16).toImage())
        assert inks[0] != inks[1]
    finally:
        qapp.setStyleSheet("")
