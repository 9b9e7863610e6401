"""From open to export without the mouse: real keys on the real window, and the palette where a command has no keys."""

import shutil

import onnx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit

from desktop_app.core.resources import resource
from desktop_app.ui.recent import remember_model
from tests.flows.clicks import OPEN_MS

RUN_MS, EXPORT_MS = 280_000, 120_000
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier):
    """A key goes to what has the focus."""
    qtbot.keyClick(QApplication.focusWidget(), key, modifiers)


def by_palette(qtbot, window, letters):
    """Ctrl+Shift+P, a few letters, Return."""
    press(qtbot, Qt.Key.Key_P, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: window.findChild(QDialog, "palette") is not None)
    line = window.findChild(QDialog, "palette").findChild(QLineEdit, "paletteLine")
    qtbot.keyClicks(line, letters)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def compress(qtbot, window, model, preset, target):
    """Opens the recent model 1, applies a preset, takes an edit back, runs, and exports."""
    remember_model(str(model))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.start.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_1, CONTROL)
    qtbot.waitUntil(lambda: window.document.summary is not None, timeout=OPEN_MS)
    qtbot.waitUntil(lambda: bool(window.session.presets.all), timeout=OPEN_MS)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.focusWidget() is window.tree, timeout=OPEN_MS)

    by_palette(qtbot, window, preset)
    assert window.document.undo_stack.canUndo()
    window.tree.setFocus()
    first = window.document.layers[0]
    press(qtbot, Qt.Key.Key_Home)
    press(qtbot, Qt.Key.Key_Space)
    assert window.document.settings(first).locked
    press(qtbot, Qt.Key.Key_Z, CONTROL)
    assert not window.document.settings(first).locked

    press(qtbot, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.document.run is not None, timeout=RUN_MS)
    qtbot.waitUntil(lambda: window.actions_["file.export"].isEnabled(), timeout=OPEN_MS)

    press(qtbot, Qt.Key.Key_E, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: window.findChild(QDialog, "exportDialog") is not None)
    dialog = window.findChild(QDialog, "exportDialog")
    dialog.activateWindow()
    path = dialog.findChild(QLineEdit, "exportPath")
    qtbot.waitUntil(path.hasFocus)
    qtbot.keyClicks(path, str(target))  # the text is selected, so that typing replaces it
    qtbot.keyClick(path, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Written" in dialog.findChild(QLabel, "exportState").text(), timeout=EXPORT_MS)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    onnx.checker.check_model(str(target))
    assert target.stat().st_size < 0.6 * model.stat().st_size


def test_the_sample_is_compressed_by_keys_alone(window, qtbot, tmp_path):
    model = tmp_path / "digits.onnx"
    shutil.copyfile(resource("sample/digits.onnx"), model)
    compress(qtbot, window, model, "weights in 16", tmp_path / "small.onnx")


@pytest.mark.corpus
def test_mobilenet_is_compressed_by_keys_alone(window, qtbot, tmp_path, shared_data):
    model = tmp_path / "mobilenet.onnx"
    shutil.copyfile(shared_data / "models" / "mobilenet_v1_0.75_224.onnx", model)
    compress(qtbot, window, model, "weights in 16", tmp_path / "small.onnx")
