"""The user's own presets in the real window: kept, shown in the choice, renamed, deleted."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
)

from desktop_app.jobs.messages import Opened
from desktop_app.ui import operations

CONV1 = "/block/inner/conv1"
WORKER_MS = 60_000


@pytest.fixture
def opened(window, summary, qtbot):
    qtbot.waitUntil(lambda: len(window.session.presets.all) > 2, timeout=WORKER_MS)
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))
    return window


def save(window, qtbot, title, tip=""):
    qtbot.waitUntil(window.actions_["recipe.preset"].isEnabled, timeout=WORKER_MS)
    window.actions_["recipe.preset"].trigger()
    dialog = window.findChild(QDialog, "presetDialog")
    qtbot.keyClicks(dialog.findChild(QLineEdit, "presetTitle"), title)
    qtbot.keyClicks(dialog.findChild(QLineEdit, "presetTip"), tip)
    button = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save)
    text = button.text()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return text


def own(window):
    return [one.title for one in window.session.presets.all if one.name]


def test_a_preset_is_kept_chosen_renamed_and_deleted(opened, qtbot):
    window, choice = opened, opened.findChild(QComboBox, "presetChoice")
    operations.set_bits(window.document, [CONV1], 8)
    operations.set_locked(window.document, [CONV1], True)
    before = choice.count()
    assert save(window, qtbot, "<b>Mine</b>", "For tests.") == "Save"
    qtbot.waitUntil(lambda: own(window) == ["<b>Mine</b>"], timeout=WORKER_MS)
    assert choice.count() == before + 2  # a line and the preset
    assert not choice.model().item(before).flags() & Qt.ItemFlag.ItemIsEnabled

    operations.reset(window.document, [CONV1])
    choice.activated.emit(before + 1)
    settings = window.document.settings(window.document.layer(CONV1))
    assert (settings.bits, settings.locked) == (8, False)
    assert choice.currentText() == "<b>Mine</b>"

    window.actions_["recipe.presets"].trigger()
    dialog = window.findChild(QDialog, "presetsDialog")
    qtbot.mouseClick(dialog.findChild(QPushButton, "renamePreset"), Qt.MouseButton.LeftButton)
    rename = dialog.findChild(QDialog, "presetDialog")
    rename.findChild(QLineEdit, "presetTitle").setText("Yours")
    rename.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save).click()
    qtbot.waitUntil(lambda: own(window) == ["Yours"], timeout=WORKER_MS)

    qtbot.mouseClick(dialog.findChild(QPushButton, "deletePreset"), Qt.MouseButton.LeftButton)
    box = dialog.findChild(QMessageBox, "deleteQuestion")
    next(one for one in box.buttons() if one.text() == "Delete").click()
    qtbot.waitUntil(lambda: own(window) == [], timeout=WORKER_MS)
    assert choice.count() == before
    assert not dialog.findChild(QPushButton, "deletePreset").isEnabled()
    dialog.reject()
    QApplication.processEvents()


def test_names_are_not_taken_twice(opened, qtbot):
    save(opened, qtbot, "Mine")
    qtbot.waitUntil(lambda: own(opened) == ["Mine"], timeout=WORKER_MS)
    QApplication.sendPostedEvents(None, 52)  # deferred deletions: the first dialog goes
    assert save(opened, qtbot, "Mine") == "Replace"
    QApplication.sendPostedEvents(None, 52)
    qtbot.waitUntil(opened.actions_["recipe.preset"].isEnabled, timeout=WORKER_MS)
    opened.actions_["recipe.preset"].trigger()
    dialog = opened.findChild(QDialog, "presetDialog")
    dialog.findChild(QLineEdit, "presetTitle").setText(opened.session.presets.all[0].title)
    assert not dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save).isEnabled()
    assert "Another preset" in dialog.findChild(QLabel, "presetNote").text()
    dialog.reject()


def test_a_broken_preset_gets_a_sentence_in_the_window(window, qtbot):
    folder = Path(os.environ["XDG_DATA_HOME"]) / "compression-studio" / "presets"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("defaults: {bits: 5}", "utf-8")
    qtbot.waitUntil(lambda: len(window.session.presets.all) > 2, timeout=WORKER_MS)
    window.session.presets.ask()
    text = window.messages.findChild(QLabel, "messageText")
    qtbot.waitUntil(lambda: "mine.yaml is left out" in text.text(), timeout=WORKER_MS)


def test_who_opens_a_model_before_the_presets_are_read_gets_them_all_the_same(window, qtbot):
    window.session.open_sample()
    qtbot.waitUntil(lambda: bool(window.document.summary and window.session.presets.all), timeout=WORKER_MS)
    qtbot.waitUntil(lambda: window.findChild(QComboBox, "presetChoice").currentIndex() >= 0, timeout=WORKER_MS)
