"""The main job by real clicks: open, set, run, watch, export; and what happens when one closes in the middle."""

import contextlib
import sys

import onnx
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QMessageBox, QPushButton, QToolButton

from desktop_app.ui.items.columns import INDEX
from desktop_app.ui.settings.rows import ASK_UNSAVED
from desktop_app.ui.settings.store import settings
from tests.flows.clicks import OPEN_MS, click

if sys.platform == "linux":
    import resource

RUN_MS, EXPORT_MS = 240_000, 90_000


def set_bits(qtbot, window, keys):
    """Selects every layer and types into the bits cell of the first row."""
    tree = window.tree
    tree.setFocus()
    tree.selectAll()
    tree.selectionModel().setCurrentIndex(
        tree.model().index(0, INDEX["bits"]), QItemSelectionModel.SelectionFlag.NoUpdate
    )
    qtbot.keyClick(tree, Qt.Key.Key_F2)
    editor = next(one for one in tree.viewport().findChildren(QComboBox) if one.isVisible())
    qtbot.keyClicks(editor, keys)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


@contextlib.contextmanager
def no_room_for(process):
    """The process cannot write files of more than 1000 bytes: a full disk, as far as it can tell."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.prlimit(process, resource.RLIMIT_FSIZE, before)


def test_a_newcomer_gets_a_compressed_and_exported_model(sample, qtbot, tmp_path):
    window = sample
    assert window.document.data.labelled
    set_bits(qtbot, window, "8")
    assert all(window.document.settings(layer).bits == 8 for layer in window.document.layers)

    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: window.document.run is not None, timeout=RUN_MS)
    run = window.document.run
    assert run.report.compressed.bytes * 3 < run.report.original.bytes
    assert len(window.workspace.results.size_plot.series.points) >= 3
    assert window.workspace.results.latency_plot.series.points[-1].low is not None
    assert window.findChild(QLabel, "timeLeft").text() == ""
    assert window.workspace.compare._rows.rowCount() == len(window.document.layers)

    target = tmp_path / "exported" / "small.onnx"
    target.parent.mkdir()
    click(qtbot, window, QToolButton, "exportButton")
    dialog = window.findChild(QDialog, "exportDialog")
    dialog.findChild(QLineEdit, "exportPath").setText(str(target))
    if sys.platform == "linux":
        with no_room_for(window.session.runner.host.worker_pid):
            click(qtbot, dialog, QPushButton, "exportConfirm")
            qtbot.waitUntil(dialog.findChild(QPushButton, "exportConfirm").isEnabled, timeout=EXPORT_MS)
        assert "choose another folder" in dialog.findChild(QLabel, "exportState").text()
        assert list(target.parent.iterdir()) == []

    click(qtbot, dialog, QPushButton, "exportConfirm")
    qtbot.waitUntil(target.exists, timeout=EXPORT_MS)
    qtbot.waitUntil(lambda: dialog.findChild(QPushButton, "showInFolder").isVisible(), timeout=EXPORT_MS)
    onnx.checker.check_model(str(target))
    dialog.reject()


def test_a_run_that_is_stopped_leaves_everything_as_it_was(sample, qtbot):
    window = sample
    recipe = window.document.recipe
    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: bool(window.session.live.stages), timeout=OPEN_MS)
    assert "Running the recipe" in window.findChild(QToolButton, "exportButton").toolTip()
    click(qtbot, window, QToolButton, "stopButton")
    qtbot.waitUntil(lambda: not window.session.running, timeout=10_000)
    assert window.document.recipe == recipe
    assert window.document.runs.kept == ()
    assert window.findChild(QToolButton, "runButton").isEnabled()


def test_closing_in_the_middle_of_a_run_asks_and_loses_nothing(sample, qtbot):
    window = sample
    set_bits(qtbot, window, "4")
    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: bool(window.session.live.stages), timeout=OPEN_MS)
    settings().write(ASK_UNSAVED, False)
    window.close()
    assert window.isVisible()
    box = window.findChild(QMessageBox, "closeQuestion")
    next(one for one in box.buttons() if one.text() == "Stop and close").click()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    (kept,) = window.keeper.store.found()
    assert kept.unsaved
    assert kept.history.recipe == window.document.recipe


def test_a_file_that_is_no_model_is_refused_with_a_sentence(window, qtbot, tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"this is no model")
    window.errands.open_model(str(path))
    text = window.messages.findChild(QLabel, "messageText")
    qtbot.waitUntil(text.isVisible, timeout=OPEN_MS)
    assert "damaged" in text.text()
    assert window.start.isVisible()
