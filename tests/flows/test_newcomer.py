"""From the start page to a smaller model on the disk in four clicks: the sample, Run, Export, Export."""

import onnx
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QToolButton

from desktop_app.core.resources import resource
from desktop_app.ui.dialogs.export import FOLDER
from tests.flows.clicks import OPEN_MS, click

RUN_MS, EXPORT_MS = 280_000, 120_000


def test_four_clicks(window, qtbot, tmp_path):
    QSettings().setValue(FOLDER, str(tmp_path))  # where the last export went, instead of the home folder
    click(qtbot, window, QPushButton, "sampleButton")
    qtbot.waitUntil(lambda: window.document.data is not None, timeout=OPEN_MS)
    run = window.findChild(QToolButton, "runButton")
    qtbot.waitUntil(run.isEnabled, timeout=OPEN_MS)

    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: window.document.run is not None, timeout=RUN_MS)
    qtbot.waitUntil(window.findChild(QToolButton, "exportButton").isEnabled, timeout=OPEN_MS)

    click(qtbot, window, QToolButton, "exportButton")
    dialog = window.findChild(QDialog, "exportDialog")

    click(qtbot, dialog, QPushButton, "exportConfirm")
    state = dialog.findChild(QLabel, "exportState")
    qtbot.waitUntil(lambda: "Written" in state.text(), timeout=EXPORT_MS)
    dialog.reject()

    (written,) = tmp_path.glob("*.onnx")
    onnx.checker.check_model(str(written))
    assert written.stat().st_size * 2 < resource("sample/digits.onnx").stat().st_size
    errors = window.document.run.report.layer_errors
    assert set(errors.layers) == {layer.name for layer in window.document.layers}
    assert any(one.sqnr_db is not None for one in errors.layers.values())
