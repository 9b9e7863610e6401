"""The dialogs that have models made, and the window around them; what the worker answers is made by hand here."""

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDoubleSpinBox, QLabel, QLineEdit, QPushButton, QSpinBox

from desktop_app.core.progress import Progress
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.conversions import Converted, ConvertModel, InspectTorchFile, MemberSized, SizeMember, TorchFile
from desktop_app.jobs.messages import Failed, Opened
from desktop_app.ui import operations
from desktop_app.ui.dialogs.convert import told
from desktop_app.ui.dialogs.student import StudentDialog, fixed_image
from desktop_app.ui.dialogs.torch_file import TorchFileDialog
from desktop_app.ui.work import Task

WEIGHTS = TorchFile("checkpoint", program=False, sha256="ab", family="resnet20_cifar")
STRANGE = TorchFile("checkpoint", program=False, sha256="ab", unknown="No family has these weights.")
PROGRAM = TorchFile("torchscript", program=True, sha256="cd" * 32)


def confirm(dialog) -> QPushButton:
    return dialog.findChild(QPushButton, "convertConfirm")


def torch_dialog(qtbot, found) -> TorchFileDialog:
    dialog = TorchFileDialog("/files/net.pt", found)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def made(**more) -> Converted:
    return Converted("/files/net.onnx", 1000, 100, "It is equal.", **more)


def test_weights_of_a_known_family_are_converted_as_they_are(qtbot):
    dialog = torch_dialog(qtbot, WEIGHTS)
    with qtbot.waitSignal(dialog.convert_wanted) as wanted:
        confirm(dialog).click()
    assert wanted.args == [ConvertModel("/files/net.onnx", file="/files/net.pt")]
    assert not confirm(dialog).isEnabled()


def test_a_family_is_asked_for_where_it_is_not_recognised(qtbot):
    dialog = torch_dialog(qtbot, STRANGE)
    assert not confirm(dialog).isEnabled()
    assert "family" in confirm(dialog).toolTip()
    assert any(one.text() == STRANGE.unknown for one in dialog.findChildren(QLabel))
    box = dialog.findChild(QComboBox, "familyChoice")
    box.setCurrentIndex(box.findData("mobilenet_v2"))
    box.activated.emit(box.currentIndex())
    dialog.findChild(QDoubleSpinBox, "torchWidth").setValue(0.5)
    with qtbot.waitSignal(dialog.convert_wanted) as wanted:
        confirm(dialog).click()
    assert wanted.args == [ConvertModel("/files/net.onnx", file="/files/net.pt", family="mobilenet_v2", width=0.5)]


def test_a_program_is_not_run_before_the_user_trusts_it(qtbot):
    dialog = torch_dialog(qtbot, PROGRAM)
    assert not confirm(dialog).isEnabled()
    assert "trust" in confirm(dialog).toolTip()
    confirm(dialog).click()
    assert dialog.request().trust == ""
    dialog.findChild(QCheckBox, "trustFile").click()
    shapes = dialog.findChild(QLineEdit, "inputShapes")
    shapes.setText("1x3x32")
    assert dialog.request().inputs[0].sizes == (1, 3, 32)
    assert dialog.request().trust == PROGRAM.sha256
    shapes.setText("three")
    confirm(dialog).click()
    assert "three is no shape" in dialog.findChild(QLabel, "convertState").text()
    assert confirm(dialog).isEnabled()


def test_what_did_not_fit_is_read_before_the_model_opens(qtbot):
    dialog = torch_dialog(qtbot, WEIGHTS)
    confirm(dialog).click()
    dialog.report(Progress("convert", 0.5, "Writing"))
    assert dialog.findChild(QLabel, "convertState").text() == "Writing"
    dialog.fail("It is damaged: send another.")
    assert dialog.findChild(QLabel, "convertState").text() == "It is damaged: send another."
    confirm(dialog).click()
    dialog.finish(made(loaded=3, missing=("fc.bias",)))
    assert dialog.isVisible()
    assert "so they stay random: fc.\u200bbias" in dialog.findChild(QLabel, "convertState").text()
    with qtbot.waitSignal(dialog.open_wanted) as opened:
        confirm(dialog).click()
    assert opened.args == ["/files/net.onnx"]


def test_a_model_that_needs_no_word_opens_at_once(qtbot):
    dialog = torch_dialog(qtbot, WEIGHTS)
    confirm(dialog).click()
    with qtbot.waitSignal(dialog.open_wanted):
        dialog.finish(made(loaded=9))
    assert not dialog.isVisible()


def test_leaving_stops_what_is_being_made(qtbot):
    dialog = torch_dialog(qtbot, WEIGHTS)
    confirm(dialog).click()
    with qtbot.waitSignal(dialog.stop_wanted):
        dialog.reject()


def test_many_names_are_not_all_told():
    lines = told(made(loaded=1, unexpected=tuple(f"w{place}" for place in range(9)), notes=("Small input.",)))
    assert lines == [
        "One weight of the file fits by name and shape.",
        "The file has, and the model has no place for: w0, w1, w2, w3, w4, 4 more.",
        "Small input.",
    ]


@pytest.fixture
def student(qtbot, summary) -> StudentDialog:
    dialog = StudentDialog(summary, "/snapshot")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_student_takes_the_images_of_its_teacher_and_is_sized_as_one_chooses(student, qtbot, summary):
    assert fixed_image(summary) == "3×8×8"
    assert not student.findChild(QSpinBox, "studentResolution").isEnabled()
    with qtbot.waitSignal(student.size_wanted, timeout=3000) as wanted:
        student.findChild(QDoubleSpinBox, "studentWidth").setValue(0.25)
    assert wanted.args == [SizeMember("mobilenet_v2", 0.25, 1.0, like="/snapshot")]
    student.show_size(MemberSized(261_580, 9_481_216, 1_046_320, 0.33), 10.0)
    assert "1.05 MB   9.48 MMAC   0.330 ms" in student.findChild(QLabel, "studentPredicted").text()
    assert "10.0 ms" in student.findChild(QLabel, "studentPredicted").text()
    request = student.request()
    assert (request.family, request.width, request.resolution, request.like) == (
        "mobilenet_v2",
        0.25,
        None,
        "/snapshot",
    )
    student.show_failure("No family can learn from it.")
    assert student.findChild(QLabel, "studentPredicted").text() == "No family can learn from it."


def test_another_family_brings_its_published_size(student):
    box = student.findChild(QComboBox, "familyChoice")
    box.setCurrentIndex(box.findData("efficientnet_b2"))
    box.activated.emit(box.currentIndex())
    assert student.findChild(QDoubleSpinBox, "studentWidth").value() == 1.1
    assert student.request().depth == 1.2


@pytest.fixture
def asked(window, monkeypatch) -> list[Task]:
    """What the window asks of the worker, which answers nothing by itself."""
    tasks: list[Task] = []
    monkeypatch.setattr(window.session.work, "ask_first", tasks.append)
    return tasks


def test_a_student_opens_in_another_window_with_this_model_as_its_teacher(window, summary, asked, qtbot):
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))
    window.actions_["file.student"].trigger()
    dialog = window.findChild(QDialog, "studentDialog")
    assert isinstance(asked.pop().request, SizeMember)
    confirm(dialog).click()
    assert asked.pop().request.like == "/snapshot"
    with qtbot.waitSignal(window.student_made) as opened:
        window.session.converted.emit(made())
    path, recipe = opened.args
    assert path == "/files/net.onnx"
    assert recipe.methods.recover.teacher == summary.path
    assert recipe.methods.recover.steps == operations.STUDENT_STEPS


def test_a_torch_file_is_looked_at_then_asked_about_then_opened(window, asked):
    window.errands.open_model("/files/net.pt")
    task = asked.pop()
    assert task.request == InspectTorchFile("/files/net.pt")
    task.then(PROGRAM)
    dialog = window.findChild(QDialog, "torchFileDialog")
    dialog.findChild(QCheckBox, "trustFile").click()
    confirm(dialog).click()
    task = asked.pop()
    assert task.request.trust == PROGRAM.sha256
    window.session.work.failed.emit(task, Failed("Torch cannot open it."))
    assert dialog.findChild(QLabel, "convertState").text() == "Torch cannot open it."
    confirm(dialog).click()
    asked.clear()
    window.session.converted.emit(made())
    assert asked.pop().request.path == "/files/net.onnx"


def test_without_torch_there_is_no_student_and_the_command_says_so(window, summary, monkeypatch):
    monkeypatch.setattr("desktop_app.core.extras.find_spec", lambda name: None)
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))
    action = window.actions_["file.student"]
    assert not action.isEnabled()
    assert "PyTorch is not installed" in action.toolTip()


def test_the_recipe_of_a_student_has_the_data_of_its_teacher(document):
    operations.set_recipe(document, Recipe(seed=7))
    assert operations.taught_by(document).seed == 7
