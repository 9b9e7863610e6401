"""Runs outlive the window: two runs, another window on the same data, and what can be done with them there."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTableView,
    QTabWidget,
    QToolButton,
)

from desktop_app.jobs.history.store import History
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.window import MainWindow
from tests.flows.clicks import OPEN_MS, click
from tests.flows.test_main_flow import EXPORT_MS, RUN_MS, set_bits


def run(qtbot, window, number):
    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: len(window.document.runs.kept) == number, timeout=RUN_MS)
    qtbot.waitUntil(lambda: not window.session.running, timeout=OPEN_MS)


def open_sample(qtbot, window):
    click(qtbot, window, QPushButton, "sampleButton")
    qtbot.waitUntil(lambda: window.document.data is not None, timeout=OPEN_MS)


@pytest.fixture
def again(qtbot, window, tmp_path):
    """Closes the window and opens another on the same data."""
    opened = []

    def restart() -> MainWindow:
        window.setProperty("closing", True)
        window.close()
        shown = MainWindow(Runner(), Store(tmp_path / "sessions"), History(tmp_path / "history"))
        shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(shown)
        opened.append(shown)
        shown.resize(1440, 900)
        shown.show()
        return shown

    yield restart
    for shown in opened:
        shown.setProperty("closing", True)
        shown.close()


def press(qtbot, window, run_id, keys=Qt.KeyboardModifier.NoModifier):
    """Clicks a point of the trade-off."""
    scatter = window.workspace.tradeoff.scatter
    qtbot.mouseClick(scatter.canvas.viewport(), Qt.MouseButton.LeftButton, keys, scatter.pixel_of(run_id))


def cells(view) -> list[list[str]]:
    model = view.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_two_runs_are_there_after_a_restart_and_can_be_taken_up_compared_exported_and_deleted(
    qtbot, sample, again, tmp_path, monkeypatch
):
    set_bits(qtbot, sample, "8")
    run(qtbot, sample, 1)
    set_bits(qtbot, sample, "16")
    run(qtbot, sample, 2)
    first, second = sample.document.runs.kept
    assert [one.number for one in (first, second)] == [1, 2]
    assert sample.document.runs.shown == second
    session = Path(sample.session.runner.host.session)
    window = again()
    assert not session.exists()

    open_sample(qtbot, window)
    qtbot.waitUntil(lambda: len(window.document.runs.kept) == 2, timeout=OPEN_MS)
    assert window.document.runs.kept == (first, second)
    assert window.document.run is None
    tradeoff = window.workspace.tradeoff
    window.workspace.tabs.setCurrentWidget(tradeoff)
    assert {dot.trial.id for dot in tradeoff.picture().dots} == {first.id, second.id}

    before = window.document.recipe
    press(qtbot, window, first.id)
    assert window.document.recipe == first.recipe != before
    assert "#1" in window.messages.findChild(QLabel, "messageText").text()
    qtbot.waitUntil(lambda: window.document.run is not None, timeout=OPEN_MS)
    assert window.document.run.report.compressed == first.compressed
    assert window.workspace.compare._rows.rowCount() == len(window.document.layers)
    assert len(window.workspace.results.size_plot.series.points) >= 3
    assert window.findChild(QToolButton, "run0").text() == "#1*"
    window.actions_["edit.undo"].trigger()
    assert window.document.recipe == before

    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    click(qtbot, window, QToolButton, "run.report.button")
    assert "<html" in Path(opened[0].toLocalFile()).read_text("utf-8")

    press(qtbot, window, second.id, Qt.KeyboardModifier.ControlModifier)
    assert window.document.runs.selected == (first.id, second.id)
    assert len(window.findChild(QTableView, "runTable").selectionModel().selectedRows()) == 2
    click(qtbot, window, QToolButton, "run.compare.button")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "compareRuns") is not None, timeout=OPEN_MS)
    dialog = window.findChild(QDialog, "compareRuns")
    count = len(window.document.layers)
    assert [f"Bits of {count} layers", "8", "16"] in cells(dialog.findChild(QTableView, "settingRows"))
    dialog.findChild(QTabWidget, "compareTabs").setCurrentIndex(2)
    qtbot.keyClicks(dialog.findChild(QComboBox, "layerFigure"), "Bits")
    assert {tuple(row[2:]) for row in cells(dialog.findChild(QTableView, "layerRows"))} == {("8", "16")}
    click(qtbot, dialog, QPushButton, "measureTimes")
    times = dialog.findChild(QTableView, "layerRows")
    qtbot.waitUntil(lambda: all(cell.endswith("ms") for row in cells(times) for cell in row[2:]), timeout=RUN_MS)
    dialog.reject()

    target = tmp_path / "first.onnx"
    window.document.runs.select([first.id])
    click(qtbot, window, QToolButton, "exportButton")
    export = window.findChild(QDialog, "exportDialog")
    export.findChild(QLineEdit, "exportPath").setText(str(target))
    click(qtbot, export, QPushButton, "exportConfirm")
    qtbot.waitUntil(target.exists, timeout=EXPORT_MS)
    qtbot.waitUntil(lambda: export.findChild(QPushButton, "showInFolder").isVisible(), timeout=EXPORT_MS)
    assert target.stat().st_size == pytest.approx(first.compressed.bytes, rel=0.05)
    export.reject()

    click(qtbot, window, QToolButton, "run.delete.button")
    box = window.findChild(QMessageBox, "deleteQuestion")
    next(one for one in box.buttons() if one.text() == "Delete").click()
    qtbot.waitUntil(lambda: window.document.runs.kept == (second,), timeout=OPEN_MS)
    assert not window.session.past.page(first.id).exists()
    assert window.document.run is None
    assert not window.findChild(QToolButton, "exportButton").isEnabled()
