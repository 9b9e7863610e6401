from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton, QRadioButton

from desktop_app.ui.dialogs.export import ExportDialog
from desktop_app.ui.dialogs.export_formats import FORMATS, ExportFacts, cost, refusal, why_not
from desktop_app.ui.reveal import command_for

ONNX, ORT, BUNDLE = FORMATS


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"the source")
    return path


@pytest.fixture
def dialog(qtbot, settings_folder, tmp_path, source):
    shown = ExportDialog("net.onnx", tmp_path, ExportFacts(2_000_000, 21, "1.32.0", "", (source,)))
    qtbot.addWidget(shown)
    shown.show()
    return shown


def confirm(dialog, qtbot, path):
    dialog.findChild(QLineEdit, "exportPath").setText(str(path))
    qtbot.mouseClick(dialog.findChild(QPushButton, "exportConfirm"), Qt.MouseButton.LeftButton)


def test_every_format_tells_its_size_what_loads_it_and_what_is_lost():
    facts = ExportFacts(2_000_000, 17, "1.32.0")
    for one in FORMATS:
        assert len(cost(one, facts).splitlines()) == 2
    assert cost(ONNX, facts).startswith("About 2.00 MB. Loads in ONNX Runtime 1.32.0 and newer")
    assert "operator set 17" in cost(ONNX, facts)
    assert "2.06 MB" in cost(BUNDLE, facts)
    assert "4 bits" in cost(ONNX, ExportFacts(1, 21, "1.32.0"))
    assert "2 bits" in cost(ONNX, ExportFacts(1, 25, "1.32.0"))


def test_what_onnxruntime_does_not_run_it_cannot_write(qtbot, settings_folder, tmp_path):
    facts = ExportFacts(1, 17, "1.32.0", "An operator is not known.")
    assert why_not(ORT, facts) == "ONNX Runtime does not run this model: An operator is not known."
    assert why_not(ONNX, facts) == why_not(BUNDLE, facts) == ""
    shown = ExportDialog("net.onnx", tmp_path, facts)
    qtbot.addWidget(shown)
    button = shown.findChild(QRadioButton, "format_ort")
    assert not button.isEnabled()
    assert "not known" in button.toolTip()
    shown.fail("The disk is full.")
    assert not button.isEnabled()


def test_the_source_is_refused_before_anything_is_asked(dialog, qtbot, source):
    with qtbot.assertNotEmitted(dialog.export_wanted):
        confirm(dialog, qtbot, source)
    assert "the model that you opened" in dialog.findChild(QLabel, "exportState").text()
    assert dialog.findChild(QMessageBox) is None


@pytest.mark.parametrize(
    ("path", "one", "told"),
    [("", ONNX, "Say where"), ("missing/a.onnx", ONNX, "There is no folder"), (".", ONNX, "A folder of that name"),
     ("net.onnx", BUNDLE, "A file of that name")],
)  # fmt: skip
def test_what_cannot_be_written_there_is_told_at_once(tmp_path, source, path, one, told):
    assert told in refusal(str(tmp_path / path) if path else "", one, ExportFacts())


def test_what_is_there_is_replaced_only_if_the_user_says_so(dialog, qtbot, tmp_path):
    (tmp_path / "old.onnx").write_bytes(b"old")
    with qtbot.assertNotEmitted(dialog.export_wanted):
        confirm(dialog, qtbot, tmp_path / "old.onnx")
        box = dialog.findChild(QMessageBox, "replaceQuestion")
        assert "old.onnx is there already" in box.text()
        assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
        box.button(QMessageBox.StandardButton.Cancel).click()
    qtbot.waitUntil(lambda: dialog.findChild(QMessageBox, "replaceQuestion") is None)
    confirm(dialog, qtbot, tmp_path / "old.onnx")
    box = dialog.findChild(QMessageBox, "replaceQuestion")
    with qtbot.waitSignal(dialog.export_wanted) as wanted:
        next(one for one in box.buttons() if one.text() == "Replace").click()
    assert wanted.args == [str(tmp_path / "old.onnx"), "onnx"]


def test_each_system_selects_the_file_its_own_way():
    assert command_for("win32", Path("a b.onnx")) == ["explorer", "/select,a b.onnx"]
    assert command_for("darwin", Path("/x/a.onnx")) == ["open", "-R", "/x/a.onnx"]
    assert command_for("linux", Path("/x/a.onnx")) == []
