import pytest
from msgspec.structs import fields, replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QDoubleSpinBox, QLabel, QPushButton, QSpinBox

from desktop_app.core import extras
from desktop_app.core.data import DataSettings
from desktop_app.core.methods import Methods, PruneMethod, RecoverMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.validation import problems
from desktop_app.jobs.previews import DataPreview
from desktop_app.ui import operations
from desktop_app.ui.dialogs.recover import DETAILS, MAIN, RecoverDialog
from desktop_app.ui.state import _asks
from desktop_app.ui.views.recover import USUAL_STEPS, RecoverPanel


def looked_at(labelled):
    return DataPreview("images", 500, labelled, 10 if labelled else 0, 100, 400, None, False, ())


@pytest.fixture
def panel(qtbot, document) -> RecoverPanel:
    shown = RecoverPanel(document)
    qtbot.addWidget(shown)
    shown.show()
    return shown


def part(panel, kind, name):
    return panel.findChild(kind, name)


def recover_of(document) -> RecoverMethod:
    return document.recipe.methods.recover


def test_training_is_switched_on_with_usual_steps_and_undone(panel, document, qtbot):
    switch = part(panel, QCheckBox, "recoverOn")
    assert not part(panel, QSpinBox, "recoverSteps").isEnabled()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert recover_of(document).steps == USUAL_STEPS
    assert _asks(document.recipe)
    document.undo_stack.undo()
    assert recover_of(document) == RecoverMethod()
    assert not switch.isChecked()


def test_steps_that_were_typed_are_there_again_after_off_and_on(panel, document):
    switch, steps = part(panel, QCheckBox, "recoverOn"), part(panel, QSpinBox, "recoverSteps")
    switch.click()
    steps.setValue(468)
    steps.setValue(470)
    assert recover_of(document).steps == 470
    switch.click()
    assert recover_of(document).steps == 0
    switch.click()
    assert recover_of(document).steps == 470
    document.undo_stack.setIndex(1)
    assert recover_of(document).steps == USUAL_STEPS, "moves of the field in a row are one edit"


def test_labels_teach_where_the_data_has_some(panel, document):
    part(panel, QCheckBox, "recoverOn").click()
    labels = part(panel, QCheckBox, "recoverLabels")
    assert "choose data" in labels.toolTip()
    assert "Made-up inputs" in part(panel, QLabel, "recoverNote").text()
    operations.set_data(document, DataSettings(path="/images"))
    document.set_data(looked_at(False))
    assert "no labels" in labels.toolTip()
    assert not part(panel, QLabel, "recoverNote").isVisible()
    document.set_data(looked_at(True))
    labels.click()
    assert recover_of(document).labels


def test_without_torch_it_is_seen_but_off_and_says_what_is_missing(qtbot, document, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    panel = RecoverPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    switch = part(panel, QCheckBox, "recoverOn")
    assert switch.isVisible()
    assert not switch.isEnabled()
    assert extras.INSTALL in switch.toolTip().replace("&#x27;", "'")
    assert extras.INSTALL in part(panel, QLabel, "recoverNote").text()


def test_every_key_can_be_reached_and_comes_out_as_it_went_in(qtbot):
    method = RecoverMethod(
        steps=468, quantised_steps=20, seconds=60, batch=64, labels=True, label_weight=0.25, temperature=2.5,
        features=1.5, optimizer="sgd", rate=0.01, warm_up=0.1, decay=0.001, normalise=False, average=0.99,
        augment=False, mixup=0.2, share=0.5, blocks=True, patience=3, teacher="/models/teacher.onnx",
    )  # fmt: skip
    for one in (method, RecoverMethod(), replace(RecoverMethod(), steps=1)):
        dialog = RecoverDialog(one)
        qtbot.addWidget(dialog)
        assert dialog.method() == one
    keys = [field.key for field in (*MAIN, *DETAILS)]
    assert len(keys) == len(set(keys))
    assert {one.name for one in fields(RecoverMethod)} == set(keys)


@pytest.mark.parametrize("end", ["low", "high"])
def test_whatever_the_fields_allow_can_be_carried_out(end):
    values = {
        field.key: getattr(field, end)
        for field in (*MAIN, *DETAILS)
        if not field.flag and not field.text and not field.choices and not (end == "low" and field.none)
    }
    recipe = Recipe(methods=Methods(recover=replace(RecoverMethod(), **values)))
    assert list(problems(recipe)) == []


def test_the_dialog_goes_back_to_defaults_but_keeps_the_steps(qtbot):
    dialog = RecoverDialog(RecoverMethod(steps=9, temperature=2.0), "The data has no labels.", "PyTorch is missing.")
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.findChild(QCheckBox, "method_labels").isEnabled()
    assert "no labels" in dialog.findChild(QCheckBox, "method_labels").toolTip()
    assert any(one.text() == "PyTorch is missing." for one in dialog.findChildren(QLabel))
    dialog.findChild(QDoubleSpinBox, "method_temperature").setValue(7.0)
    assert dialog.method().temperature == 7.0
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    assert dialog.method() == RecoverMethod(steps=9)


def test_more_asks_for_the_dialog(panel, qtbot):
    with qtbot.waitSignal(panel.details_wanted):
        part(panel, QPushButton, "recoverMore").click()


def test_a_preset_that_says_nothing_of_training_leaves_it_alone(document):
    operations.set_recover(document, RecoverMethod(steps=5))
    operations.apply_preset(document, Recipe(methods=Methods(prune=PruneMethod(target_macs=0.5))), "half")
    assert recover_of(document).steps == 5
    assert document.recipe.methods.prune.target_macs == 0.5
    operations.apply_preset(document, Recipe(methods=Methods(recover=RecoverMethod(steps=7))), "trained")
    assert recover_of(document).steps == 7


def test_the_panel_tells_of_a_teacher_and_of_batches_once_rounded(panel, document):
    operations.set_data(document, DataSettings(path="/images"))
    operations.set_recover(document, RecoverMethod(quantised_steps=30, teacher="/models/big.onnx"))
    assert part(panel, QLabel, "recoverNote").text() == "30 batches once rounded\nTeacher: big.onnx"
    assert not part(panel, QCheckBox, "recoverOn").isChecked()
    assert part(panel, QCheckBox, "recoverLabels").isEnabled()
