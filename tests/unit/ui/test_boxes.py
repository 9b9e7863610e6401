"""Tests of small windows that ask or tell."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from desktop_app.ui.views.boxes import plain_box, question

NAME = "<img src=/a.png><b>net</b>.onnx"


def test_names_of_files_are_text_and_never_markup(qtbot):
    box = plain_box(None, "box", "Title", f"{NAME} is gone.", f"Exporting {NAME}")
    qtbot.addWidget(box)
    labels = {label.text(): label.textFormat() for label in box.findChildren(QLabel) if NAME in label.text()}
    assert labels == {f"{NAME} is gone.": Qt.TextFormat.PlainText, f"Exporting {NAME}": Qt.TextFormat.PlainText}


def test_a_question_goes_once_it_is_answered(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    box = question(window, "sure", "Title", "Are you sure?")
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    assert window.findChild(QMessageBox, "sure").informativeText() == ""
    box.button(QMessageBox.StandardButton.Ok).click()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "sure") is None)
