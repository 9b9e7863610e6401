"""Language, theme and text size change in the middle of a run: nothing is lost, and every picture follows."""

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QComboBox, QDialog, QGraphicsView, QLabel, QToolButton

from desktop_app.ui.language import Language, speak
from desktop_app.ui.settings.rows import LANGUAGE, TEXT_SIZE, THEME
from desktop_app.ui.settings.store import settings
from tests.flows.clicks import click

RUN_MS = 240_000


@pytest.fixture
def english_again(qapp):
    before = QLocale()
    made = Language(qapp)
    yield
    settings().changed.disconnect(made._on_setting)
    made.deleteLater()
    speak("en")
    QLocale.setDefault(before)


def grounds(window):
    """The colours of the ground of every picture that is shown."""
    return {one.backgroundBrush().color().name() for one in window.findChildren(QGraphicsView) if one.isVisible()}


def choose(dialog, setting, value):
    box = dialog.findChild(QComboBox, setting.key)
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_language_theme_and_text_size_are_changed_in_the_middle_of_a_run(theme, english_again, sample, qtbot):
    window = sample
    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: len(window.session.live.measurements) >= 2, timeout=RUN_MS)
    tree, measured = window.tree, window.session.live.measurements[0]
    window.actions_["edit.settings"].trigger()
    dialog = window.findChild(QDialog, "settingsDialog")
    choose(dialog, LANGUAGE, "zh_CN")
    qtbot.waitUntil(lambda: window.tree is not tree)
    for name in ("dark", "contrast_light", "light", "contrast_dark"):
        choose(dialog, THEME, name)
        assert window.session.running, "the run goes on"
        qtbot.waitUntil(lambda: grounds(window) == {window.palette().base().color().name()})
    tree = window.tree
    choose(dialog, TEXT_SIZE, 115)
    qtbot.waitUntil(lambda: window.tree is not tree)
    dialog.reject()
    assert window.session.live.measurements[0] == measured, "what was measured is still there"
    assert window.workspace.tabs.tabText(0) == "结果"

    qtbot.waitUntil(lambda: window.document.run is not None, timeout=RUN_MS)
    shown = [one.text() for one in window.workspace.results.findChildren(QLabel) if one.isVisible()]
    assert "清理" in " ".join(shown)
    assert not any(text in shown for text in ("Clean", "Measure", "Prune channels"))
    assert window.palette().base().color().lightness() < 100
    assert grounds(window) == {window.palette().base().color().name()}
    assert window.workspace.compare._rows.rowCount() == len(window.document.layers)
    assert len(window.workspace.results.size_plot.series.points) >= 3
    settings().write(LANGUAGE, "en")
    qtbot.waitUntil(lambda: window.workspace.tabs.tabText(0) == "Results")
    assert window.workspace.compare._rows.rowCount() == len(window.document.layers)
