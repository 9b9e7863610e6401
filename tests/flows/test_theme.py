"""Theme and text size change in the middle of a run: nothing is lost, and every picture follows."""

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QDialog, QGraphicsView, QToolButton

from desktop_app.ui.settings.rows import TEXT_SIZE, THEME
from desktop_app.ui.settings.store import settings
from desktop_app.ui.theme import Theme
from tests.flows.clicks import click

RUN_MS = 240_000


@pytest.fixture
def theme(qapp, settings_folder):
    font = qapp.font()
    made = Theme(qapp)
    yield
    settings().reset()
    settings().changed.disconnect(made._on_setting)
    made._hints.unsetColorScheme()
    made.deleteLater()
    qapp.setFont(font)
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())


def grounds(window):
    """The colours of the ground of every picture that is shown."""
    return {one.backgroundBrush().color().name() for one in window.findChildren(QGraphicsView) if one.isVisible()}


def choose(dialog, setting, value):
    box = dialog.findChild(QComboBox, setting.key)
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_theme_and_text_size_are_changed_in_the_middle_of_a_run(theme, sample, qtbot):
    window = sample
    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: len(window.session.live.measurements) >= 2, timeout=RUN_MS)
    window.actions_["edit.settings"].trigger()
    dialog = window.findChild(QDialog, "settingsDialog")
    for name in ("dark", "contrast_dark", "light", "contrast_light"):
        choose(dialog, THEME, name)
        assert window.session.running
        qtbot.waitUntil(lambda: grounds(window) == {window.palette().base().color().name()})
    tree = window.tree
    choose(dialog, TEXT_SIZE, 115)
    qtbot.waitUntil(lambda: window.tree is not tree)
    dialog.reject()
    qtbot.waitUntil(lambda: window.document.run is not None, timeout=RUN_MS)
    assert len(window.workspace.results.size_plot.series.points) >= 3
    assert grounds(window) == {window.palette().base().color().name()}
