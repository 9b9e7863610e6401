import pytest
from msgspec.structs import fields
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialogButtonBox, QDoubleSpinBox, QLabel, QSpinBox

from desktop_app.core.methods import Methods, RestructureMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.validation import problems
from desktop_app.ui import operations
from desktop_app.ui.dialogs.rewrite import LAYERS, SPEED, WHOLE, RewriteDialog
from desktop_app.ui.items.cells import knob_cell
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.state import _asks
from desktop_app.ui.views.facts import rewritten_layers
from desktop_app.ui.views.knobs import StructureKnob

CONV1, CONV2 = "/block/inner/conv1", "/block/inner/conv2"


def test_every_key_can_be_reached_and_comes_out_as_it_went_in(qtbot):
    method = RestructureMethod(
        multiplier="auto", share=0.25, reconstruct=False, keep_faster=False, activations="hardswish", resolution=0.5
    )
    for one in (method, RestructureMethod(multiplier=3), RestructureMethod()):
        dialog = RewriteDialog(one, "")
        qtbot.addWidget(dialog)
        assert dialog.method() == one
    keys = [field.key for field in (*LAYERS, *WHOLE, *SPEED)]
    assert {one.name for one in fields(RestructureMethod)} == set(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("end", ["low", "high"])
def test_whatever_the_fields_allow_can_be_carried_out(qtbot, end):
    dialog = RewriteDialog(RestructureMethod(), "")
    qtbot.addWidget(dialog)
    for spin in dialog.findChildren(QSpinBox) + dialog.findChildren(QDoubleSpinBox):
        spin.setValue(spin.minimum() if end == "low" else spin.maximum())
    assert list(problems(Recipe(methods=Methods(restructure=dialog.method())))) == []


def test_every_field_explains_itself_and_choices_are_words(qtbot):
    dialog = RewriteDialog(RestructureMethod(), "Two layers become stacks.")
    qtbot.addWidget(dialog)
    for kind in (QSpinBox, QDoubleSpinBox, QComboBox, QCheckBox):
        for editor in dialog.findChildren(kind):
            assert len(editor.toolTip()) > 60
            assert editor.accessibleName()
    box = dialog.findChild(QComboBox, "method_activations")
    assert [box.itemText(place) for place in range(box.count())] == ["as they are", "HardSwish", "Relu"]
    assert dialog.findChild(QLabel, "rewriteLayers").text() == "Two layers become stacks."


def test_defaults_come_back(qtbot):
    dialog = RewriteDialog(RestructureMethod(multiplier=4, activations="relu", resolution=0.5), "")
    qtbot.addWidget(dialog)
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    assert dialog.method() == RestructureMethod()


def test_what_is_chosen_is_one_edit_that_can_be_run_and_undone(document):
    operations.set_restructure(document, RestructureMethod())
    assert not document.undo_stack.canUndo()
    operations.set_restructure(document, RestructureMethod(resolution=0.5))
    assert _asks(document.recipe)
    document.undo_stack.undo()
    assert not _asks(document.recipe)


def test_the_dialog_tells_how_many_layers_have_a_structure(document):
    assert "No layer has a structure yet" in rewritten_layers(document)
    operations.set_structure(document, [CONV1, CONV2], "separable")
    assert rewritten_layers(document) == "2 layers become separable."


def test_a_structure_that_does_not_fit_is_off_with_the_reason_and_not_taken(document, qtbot):
    knob = StructureKnob()
    qtbot.addWidget(knob)
    layer = document.layer(CONV1)
    cell = knob_cell(document, Node("", (), layer=layer, layers=[layer]), "structure")
    knob.show_cell(cell)
    model = knob.findChild(QComboBox).model()
    items = {model.item(place).text(): model.item(place) for place in range(model.rowCount())}
    assert items["separable"].isEnabled()
    assert not items["stacked"].isEnabled()
    assert "small already" in items["stacked"].data(Qt.ItemDataRole.ToolTipRole)
    assert operations.set_structure(document, [CONV1], "stacked") == ()
