"""Preferences: what is kept, what is believed of a file of settings, and the dialog made from the rows."""

import logging

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QLabel, QPushButton, QSpinBox

from desktop_app.core.measuring import Measuring
from desktop_app.jobs.measurements import ProfileModel
from desktop_app.jobs.messages import Opened, RunRecipe
from desktop_app.jobs.recipes import ListPresets
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.logs.files import OWN
from desktop_app.ui.logs.level import LogLevel
from desktop_app.ui.settings.rows import (
    LOG_LEVEL,
    MEMORY,
    SECOND_MODEL,
    SETTINGS,
    TEXT_SIZE,
    THEME,
    THREADS,
    TIME_LIMIT,
)
from desktop_app.ui.settings.store import GROUP, settings
from desktop_app.ui.theme import is_contrast, is_dark


@pytest.fixture
def dialog(qtbot, settings_folder):
    made = SettingsDialog()
    qtbot.addWidget(made)
    made.show()
    return made


def test_keys_are_unique_and_defaults_are_allowed():
    assert len({one.key for one in SETTINGS}) == len(SETTINGS)
    assert all(one.valid(one.default) for one in SETTINGS)


def test_a_value_is_kept_and_told_once(qtbot, settings_folder):
    assert settings().read(THEME) == "system"
    with qtbot.waitSignal(settings().changed) as changed:
        settings().write(THEME, "dark")
    assert changed.args == ["theme"]
    assert settings().read(THEME) == "dark"
    with qtbot.assertNotEmitted(settings().changed):
        settings().write(THEME, "dark")
    settings().reset()
    assert settings().read(THEME) == "system"


@pytest.mark.parametrize("stored", ["purple", "", "-3", "999999", [1], 2.5])
def test_nonsense_in_the_file_of_settings_is_no_setting(settings_folder, stored):
    for one in SETTINGS:
        QSettings().setValue(f"{GROUP}/{one.key}", stored)
    assert [settings().read(one) for one in SETTINGS] == [one.default for one in SETTINGS]


def test_numbers_that_the_file_holds_as_text_are_read(settings_folder):
    QSettings().setValue(f"{GROUP}/{THREADS.key}", "1")
    assert settings().read(THREADS) == 1
    with pytest.raises(ValueError, match="threads"):
        settings().write(THREADS, -1)


def test_the_dialog_has_a_control_for_every_row_and_what_is_chosen_holds_at_once(dialog, qtbot):
    theme = dialog.findChild(QComboBox, THEME.key)
    qtbot.keyClick(theme, Qt.Key.Key_Down)
    assert settings().read(THEME) == "light"
    threads = dialog.findChild(QSpinBox, THREADS.key)
    assert threads.text() == "all cores but one"
    qtbot.keyClick(threads, Qt.Key.Key_Up)
    assert settings().read(THREADS) == 1
    for one in SETTINGS:
        kind = QCheckBox if isinstance(one.default, bool) else QComboBox if one.choices else QSpinBox
        control = dialog.findChild(kind, one.key)
        assert control.accessibleName() == one.title
        assert control.accessibleDescription() == one.tip

    qtbot.mouseClick(dialog.findChild(QPushButton, "defaultsButton"), Qt.MouseButton.LeftButton)
    assert settings().read(THEME) == "system"
    assert theme.currentData() == "system"
    assert threads.value() == 0


def test_two_dialogs_agree(dialog, qtbot):
    other = SettingsDialog()
    qtbot.addWidget(other)
    qtbot.keyClick(dialog.findChild(QComboBox, SECOND_MODEL.key), Qt.Key.Key_End)
    assert other.findChild(QComboBox, SECOND_MODEL.key).currentData() == "here"


def test_what_is_filled_anew_at_once_does_not_flash_up_as_a_window(dialog, shown_windows, qtbot):
    dialog._fill()
    dialog._fill()  # before the first was shown
    QApplication.processEvents()
    assert shown_windows == []


def test_the_theme_is_switched_while_it_runs(theme, qapp):
    seen = []
    for name in ("light", "dark", "contrast_light", "contrast_dark"):
        settings().write(THEME, name)
        seen.append((is_dark(), is_contrast()))
    assert seen == [(False, False), (True, False), (False, True), (True, True)]


def test_text_grows_from_the_size_of_the_system_and_back(theme, qapp):
    before, line = qapp.font().pointSizeF(), QLabel("text")
    line.show()
    settings().write(TEXT_SIZE, 150)
    assert qapp.font().pointSizeF() == pytest.approx(1.5 * before)
    assert line.font().pointSizeF() == pytest.approx(1.5 * before)
    settings().write(TEXT_SIZE, 100)
    assert qapp.font().pointSizeF() == pytest.approx(before)


def test_the_window_is_made_anew_for_another_text_size(window, theme, summary, qtbot):
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))
    tree, width = window.tree, window.tree.columnWidth(3)
    window.tree.setCurrentIndex(window.tree.model().index(1, 0))
    chosen = window.document.selection.layers
    settings().write(TEXT_SIZE, 150)
    qtbot.waitUntil(lambda: window.tree is not tree)
    qtbot.waitUntil(lambda: abs(window.tree.columnWidth(3) - 1.5 * width) <= 0.1 * width)
    assert window.document.selection.layers == chosen


def test_ctrl_comma_opens_the_settings(window, qtbot):
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(QDialog, "settingsDialog")
    assert dialog.isVisible()
    dialog.reject()
    QApplication.processEvents()


def test_what_is_measured_runs_with_the_threads_that_are_set(window, summary, monkeypatch):
    asked = []
    monkeypatch.setattr(window.session.runner, "submit", asked.append)
    window.session.work._current = None
    settings().write(THREADS, 1)
    window.document.show(Opened(summary, "/snapshot"))
    window.session.work.changed.emit()
    window.session.run()
    window.session.work._on_stopped()  # what went on behind the back of the user makes room
    assert [one.measuring for one in asked if isinstance(one, RunRecipe)] == [Measuring(1, 2.0)]


def test_the_next_worker_gets_the_memory_that_is_set(window):
    settings().write(MEMORY, 3)
    assert window.session.runner.host._variables["COMPRESSION_STUDIO_WORKER_MEMORY"] == str(3 * 2**30)


def test_work_takes_no_longer_than_is_set(window):
    host = window.session.runner.host
    request = ProfileModel("/snapshot", 1)
    usual = host.limits_of(request)
    settings().write(TIME_LIMIT, 2)
    assert host.limits_of(request).total == 120 < usual.total
    assert host.limits_of(ListPresets()).total == 30  # no longer than usual either
    settings().write(TIME_LIMIT, 0)
    assert host.limits_of(request) == usual


@pytest.fixture
def log_level(qapp, settings_folder):
    logger = logging.getLogger(OWN)
    before = logger.level
    yield LogLevel(qapp)
    logger.setLevel(before)


def test_the_log_tells_as_much_as_is_set_the_worker_too(log_level, window, qtbot, caplog):
    logger = logging.getLogger("desktop_app.ui.somewhere")
    assert (logger.isEnabledFor(logging.INFO), logger.isEnabledFor(logging.DEBUG)) == (True, False)
    settings().write(LOG_LEVEL, "warning")
    assert not logger.isEnabledFor(logging.INFO)
    settings().write(LOG_LEVEL, "debug")
    assert logger.isEnabledFor(logging.DEBUG)
    window.session.runner.host.discard(window.session.runner.host._process)  # it was started before
    window.session.presets.ask()
    qtbot.waitUntil(lambda: any("list_presets took" in line for line in caplog.messages), timeout=60_000)
