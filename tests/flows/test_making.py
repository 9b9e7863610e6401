"""A PyTorch file becomes a model in the window, and the model gets a student, by the real worker."""

import torch
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QLabel, QLineEdit, QPushButton

from desktop_app.zoo.building import build
from desktop_app.zoo.families import FAMILIES
from tests.flows.clicks import click

MAKE_MS = 120_000


def test_weights_are_opened_and_teach_a_student(window, qtbot, tmp_path):
    weights, student = tmp_path / "net.pth", tmp_path / "student.onnx"
    torch.save(build(FAMILIES["resnet20_cifar"]).state_dict(), weights)
    window.errands.open_model(str(weights))
    qtbot.waitUntil(lambda: window.findChild(QDialog, "torchFileDialog") is not None, timeout=MAKE_MS)
    click(qtbot, window.findChild(QDialog, "torchFileDialog"), QPushButton, "convertConfirm")
    qtbot.waitUntil(lambda: window.document.summary is not None, timeout=MAKE_MS)
    assert window.document.summary.path == str(tmp_path / "net.onnx")

    window.actions_["file.student"].trigger()
    dialog = window.findChild(QDialog, "studentDialog")
    dialog.findChild(QDoubleSpinBox, "studentWidth").setValue(0.25)
    qtbot.waitUntil(lambda: "MMAC" in dialog.findChild(QLabel, "studentPredicted").text(), timeout=MAKE_MS)
    path = dialog.findChild(QLineEdit, "convertPath")
    path.setText(str(tmp_path / "net.onnx"))
    click(qtbot, dialog, QPushButton, "convertConfirm")
    state = dialog.findChild(QLabel, "convertState")
    qtbot.waitUntil(lambda: "choose another name" in state.text(), timeout=MAKE_MS)
    path.setText(str(student))
    click(qtbot, dialog, QPushButton, "convertConfirm")
    qtbot.waitUntil(lambda: "strides" in state.text(), timeout=MAKE_MS)
    with qtbot.waitSignal(window.student_made) as made:
        click(qtbot, dialog, QPushButton, "convertConfirm")
    assert made.args[0] == str(student)
    assert made.args[1].methods.recover.teacher == str(tmp_path / "net.onnx")
