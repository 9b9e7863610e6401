import base64

import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLineEdit, QListWidget, QPushButton, QRadioButton, QSpinBox

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.progress import Progress
from desktop_app.jobs.exports import Exported
from desktop_app.jobs.previews import DataPreview, SamplePreview
from desktop_app.ui.dialogs.data import DataDialog
from desktop_app.ui.dialogs.export import ExportDialog
from desktop_app.ui.dialogs.keys import KeysDialog, key_rows
from desktop_app.ui.dialogs.preprocess_form import PreprocessForm

GUESS = Preprocess(256, 224, 127.5, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0))


def png() -> str:
    picture = QPixmap(4, 4)
    picture.fill(Qt.GlobalColor.red)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.data().data()).decode()


@pytest.fixture
def data_dialog(qtbot) -> DataDialog:
    dialog = DataDialog(DataSettings(path="/images", calibration=100))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def preview(**more) -> DataPreview:
    samples = (SamplePreview(png(), "a.png", "cat"), SamplePreview("no png", "b.png", ""))
    fields = {"kind": "images", "samples": 500, "labelled": True, "classes": 10, "calibration": 100, "evaluation": 400}
    return DataPreview(
        **fields, preprocess=GUESS, guessed=True, previews=samples, notes=("One file was left out.",), **more
    )


def test_the_data_dialog_shows_what_the_model_will_see(data_dialog):
    data_dialog.show_preview(preview())
    images = data_dialog.findChild(QListWidget)
    assert [images.item(place).text() for place in range(2)] == ["cat", "b.png"]
    assert not images.item(0).icon().isNull()
    assert images.item(1).icon().isNull()
    assert "10 classes; 100 calibrate, 400 evaluate" in data_dialog.findChild(QLabel, "dataFacts").text()
    assert data_dialog.findChild(QLabel, "dataNotes").text() == "One file was left out."


def test_a_guess_is_not_written_down_until_somebody_edits_it(data_dialog, qtbot):
    data_dialog.show_preview(preview())
    assert data_dialog.settings() == DataSettings(path="/images", calibration=100)

    with qtbot.waitSignal(data_dialog.preview_wanted, timeout=3000) as wanted:
        field = data_dialog.findChild(PreprocessForm).findChild(QSpinBox)
        field.setValue(128)
    assert wanted.args[0].preprocess == Preprocess(128, 224, 127.5, GUESS.mean, GUESS.std)


def test_another_source_is_looked_at(data_dialog, qtbot):
    field = data_dialog.findChild(QLineEdit, "dataPath")
    field.clear()
    with qtbot.waitSignal(data_dialog.preview_wanted, timeout=3000) as wanted:
        qtbot.keyClicks(field, "/more")
    assert wanted.args[0].path == "/more"
    data_dialog.show_failure("There is no folder /more.")
    assert data_dialog.findChild(QLabel, "dataFacts").text() == "There is no folder /more."


def test_preprocessing_comes_out_as_it_went_in(qtbot):
    form = PreprocessForm()
    qtbot.addWidget(form)
    for value in (GUESS, Preprocess(), Preprocess(None, (32, 48), 1.0, (0.5,), (0.25,), "gray", "nhwc")):
        form.show_value(value)
        assert form.value() == value


@pytest.fixture
def export_dialog(qtbot, tmp_path) -> ExportDialog:
    dialog = ExportDialog("net.onnx", tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_export_asks_for_a_format_and_a_path(export_dialog, qtbot, tmp_path):
    assert export_dialog.findChild(QLineEdit, "exportPath").text() == str(tmp_path / "net-compressed.onnx")
    export_dialog.findChild(QRadioButton, "format_bundle").click()
    assert export_dialog.findChild(QLineEdit, "exportPath").text() == str(tmp_path / "net-compressed")
    with qtbot.waitSignal(export_dialog.export_wanted) as wanted:
        qtbot.mouseClick(export_dialog.findChild(QPushButton, "exportConfirm"), Qt.MouseButton.LeftButton)
    assert wanted.args == [str(tmp_path / "net-compressed"), "bundle"]
    assert not export_dialog.findChild(QPushButton, "exportConfirm").isEnabled()


def test_export_is_done_by_keys_alone(export_dialog, qtbot, tmp_path):
    qtbot.waitExposed(export_dialog)
    export_dialog.activateWindow()
    path = export_dialog.focusWidget()
    qtbot.keyClicks(path, str(tmp_path / "typed.onnx"))
    with qtbot.waitSignal(export_dialog.export_wanted) as wanted:
        qtbot.keyClick(path, Qt.Key.Key_Return)
    assert wanted.args == [str(tmp_path / "typed.onnx"), "onnx"]
    export_dialog.fail("The disk is full: choose another.")
    assert export_dialog.focusWidget() is path


def test_export_tells_how_it_went(export_dialog, tmp_path):
    confirm = export_dialog.findChild(QPushButton, "exportConfirm")
    state = export_dialog.findChild(QLabel, "exportState")
    confirm.click()
    export_dialog.report(Progress("verify", 0.5))
    assert state.text() == "Verify"
    export_dialog.fail("The disk is full: choose another.")
    assert state.text() == "The disk is full: choose another."
    assert confirm.isEnabled()
    confirm.click()
    export_dialog.finish(Exported(str(tmp_path / "net.onnx"), 2_000_000, "The outputs are equal."))
    assert state.text().endswith("2.00 MB.\nThe outputs are equal.")
    assert export_dialog.findChild(QPushButton, "showInFolder").isVisible()


def test_leaving_a_running_export_stops_it(export_dialog, qtbot):
    export_dialog.findChild(QPushButton, "exportConfirm").click()
    with qtbot.waitSignal(export_dialog.stop_wanted):
        export_dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Cancel).click()


def test_the_sheet_of_keys_is_made_from_the_commands(qtbot):
    qtbot.addWidget(KeysDialog())
    assert ("Run", "Run", "F5") in key_rows()
    assert ("Lock or unlock", "Edit", "Space") in key_rows()


def test_the_data_dialog_starts_at_the_path_and_goes_on_to_the_labels(data_dialog, qtbot):
    qtbot.waitExposed(data_dialog)
    data_dialog.activateWindow()
    assert data_dialog.focusWidget().objectName() == "dataPath"
    for _ in range(3):
        data_dialog.focusNextChild()
    assert data_dialog.focusWidget().objectName() == "dataLabels"


def test_made_up_samples_have_no_pictures(data_dialog):
    data_dialog.show_preview(DataPreview("synthetic", 128, False, 0, 64, 64, None, False, (SamplePreview("", "", ""),)))
    assert not data_dialog.findChild(QListWidget).isVisible()
