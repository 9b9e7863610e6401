"""A student is designed in the window for a limit of time, stopped, gone on with, and looked at, by the real worker."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QLabel, QLineEdit, QPushButton, QSpinBox

from desktop_app.core.data import DataSettings
from desktop_app.io.writer import write_model
from desktop_app.ui import operations
from desktop_app.ui.dialogs.design_sheet import whole_stages
from tests.flows.clicks import OPEN_MS, click
from tests.unit.jobs.test_design_student import teacher

DESIGN_MS = 240_000


@pytest.fixture
def tiny(window, qtbot, tmp_path: Path):
    """The window with a model of 8 x 8 images, and some of them with labels."""
    write_model(teacher(), tmp_path / "tiny.onnx")
    rng = np.random.default_rng(0)
    images = rng.normal(size=(120, 1, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "data.npz", input=images, label=rng.integers(4, size=120))
    window.errands.open_model(str(tmp_path / "tiny.onnx"))
    qtbot.waitUntil(lambda: window.document.summary is not None, timeout=OPEN_MS)
    operations.set_data(window.document, DataSettings(path=str(tmp_path / "data.npz"), calibration=20))
    return window


def shown(window):
    return next((one for one in window.findChildren(QDialog, "designDialog") if one.isVisible()), None)


def test_a_student_is_designed_hidden_meanwhile_and_opened(tiny, qtbot, tmp_path):
    window, design = tiny, tiny.session.design
    recipe = window.document.recipe
    window.actions_["file.design"].trigger()
    dialog = shown(window)
    for name, count in (("steps", 2), ("supernet_steps", 2), ("candidates", 2), ("batch", 8)):
        dialog.findChild(QSpinBox, f"method_{name}").setValue(count)
    dialog.findChild(QDoubleSpinBox, "limit_speedup").setValue(1.2)
    dialog.findChild(QLineEdit, "designFolder").setText(str(tmp_path / "student"))
    click(qtbot, dialog, QPushButton, "designConfirm")
    assert design.working
    qtbot.waitUntil(lambda: any(one.name == "supernet" for one in design.live.stages), timeout=DESIGN_MS)
    assert "Teach all nets together" in [one.text() for one in dialog.findChildren(QLabel)]
    click(qtbot, dialog, QPushButton, "designLeave")
    assert shown(window) is None
    assert window.leaving.working
    assert design.working

    qtbot.waitUntil(lambda: shown(window) is not None, timeout=DESIGN_MS)
    found = design.found
    assert found is not None, design.sentence
    dialog = shown(window)
    verdict = dialog.findChild(QLabel, "designVerdict").text()
    assert verdict.startswith("Not kept" if found.missed else "It keeps what you asked for")
    assert dialog.findChild(QLabel, "designArchitecture").text() == whole_stages(found.architecture.told())
    assert {one.name for one in (tmp_path / "student").iterdir()} == {"model.onnx", "design.json", "SHA256SUMS"}
    assert (window.document.recipe, window.document.undo_stack.canUndo()) == (recipe, True)
    with qtbot.waitSignal(window.student_made) as made:
        click(qtbot, dialog, QPushButton, "designConfirm")
    path, taught = made.args
    assert path == found.path
    assert taught.data.path == str(tmp_path / "data.npz")
