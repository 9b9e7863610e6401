"""Sensitivity: measured at one press, seen as it is found, stopped, taken up again by another window, and used."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QToolButton, QWidget

from desktop_app.jobs.history.store import History
from desktop_app.ui.items.columns import INDEX
from desktop_app.ui.plots.mini import MiniPicture
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.window import MainWindow
from tests.flows.clicks import OPEN_MS, click

TRY_MS = 300_000


def known(window):
    return [layer.name for layer in window.document.layers if window.document.tried(layer) is not None]


def test_what_was_found_before_the_stop_is_there_in_another_window_and_sets_all_layers(sample, qtbot, tmp_path):
    window = sample
    assert not window.actions_["recipe.by_sensitivity"].isEnabled()
    window.actions_["run.sensitivity"].trigger()
    qtbot.waitUntil(lambda: bool(known(window)), timeout=TRY_MS)
    assert not window.tree.isColumnHidden(INDEX["heat"])
    assert window.actions_["recipe.by_sensitivity"].isEnabled()
    click(qtbot, window, QToolButton, "stopButton")
    qtbot.waitUntil(lambda: window.session.work.current is None, timeout=OPEN_MS)
    found = known(window)
    assert found

    other = MainWindow(Runner(), Store(tmp_path / "other"), History(tmp_path / "runs"))
    other.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(other)
    other.show()
    click(qtbot, other, QPushButton, "sampleButton")
    qtbot.waitUntil(lambda: bool(known(other)), timeout=TRY_MS)
    assert set(found) <= set(known(other))

    other.tree.setCurrentIndex(other.tree.model().index(0, 0))
    assert isinstance(other.findChild(QWidget, "section_sensitivity")._shown, MiniPicture)

    before = other.document.recipe
    qtbot.waitUntil(other.actions_["recipe.by_sensitivity"].isEnabled, timeout=OPEN_MS)
    click(qtbot, other, QToolButton, "openBySensitivity")
    dialog = other.findChild(QDialog, "bySensitivityDialog")
    assert "change" in dialog.findChild(QLabel, "proposalCount").text()
    click(qtbot, dialog, QPushButton, "setBySensitivity")
    assert other.document.recipe != before
    assert other.document.undo_stack.undoText() == "Set by sensitivity"
    other.actions_["edit.undo"].trigger()
    assert other.document.recipe == before
    other.setProperty("closing", True)
    other.close()
