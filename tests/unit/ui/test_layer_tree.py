"""The tree under real keys and clicks."""

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QLineEdit

from desktop_app.jobs.messages import Opened
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.items.columns import INDEX
from desktop_app.ui.items.tree_model import LayerTreeModel
from desktop_app.ui.views.inspector import Inspector
from desktop_app.ui.views.tree import LayerTree
from tests.unit.ui.ui_samples import conv, find, summary_of

CONV1, CONV2 = "/block/inner/conv1", "/block/inner/conv2"


@pytest.fixture
def tree(qtbot, document) -> LayerTree:
    view = LayerTree(LayerTreeModel(document))
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    view.show_first()
    return view


def type_into(qtbot, tree, label, column, keys, editor_type):
    index = find(tree.model(), label, column)
    flags = QItemSelectionModel.SelectionFlag.NoUpdate
    tree.selectionModel().setCurrentIndex(index, flags)
    qtbot.keyClick(tree, Qt.Key.Key_F2)
    editor = next(one for one in tree.viewport().findChildren(editor_type) if one.isVisible())
    qtbot.keyClicks(editor, keys) if keys else qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def select(tree, *labels):
    tree.clearSelection()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for label in labels:
        tree.selectionModel().select(find(tree.model(), label), flags)


def asked(document, name):
    return document.settings(document.layer(name))


def test_one_row_is_edited_in_place(qtbot, tree, document):
    select(tree, "conv1")
    type_into(qtbot, tree, "conv1", "prune", "25", QDoubleSpinBox)
    assert asked(document, CONV1).prune == 0.25
    assert asked(document, CONV2).prune == 0.0


def test_an_edit_goes_to_all_selected_rows(qtbot, tree, document):
    select(tree, "conv1", "conv2", "stem/conv")
    type_into(qtbot, tree, "conv2", "rank", "0.5", QLineEdit)
    assert asked(document, CONV1).rank == asked(document, CONV2).rank == asked(document, "/stem/conv").rank == 0.5
    assert document.undo_stack.count() == 1


def test_a_double_click_on_a_knob_of_a_selected_row_edits_all(qtbot, tree, document):
    select(tree, "conv1", "conv2")
    place = tree.visualRect(find(tree.model(), "conv1", "rank")).center()
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    editor = tree.viewport().findChild(QLineEdit)
    qtbot.keyClicks(editor, "9")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert asked(document, CONV1).rank == asked(document, CONV2).rank == 9


def test_a_row_outside_the_selection_is_edited_alone(qtbot, tree, document):
    select(tree, "conv1")
    type_into(qtbot, tree, "conv2", "rank", "7", QLineEdit)
    assert asked(document, CONV2).rank == 7
    assert asked(document, CONV1).rank is None


def test_a_group_is_edited_for_all_below_it(qtbot, tree, document):
    select(tree, "inner")
    type_into(qtbot, tree, "inner", "bits", "8", QComboBox)
    assert asked(document, CONV1).bits == asked(document, CONV2).bits == 8
    assert asked(document, "/stem/conv").bits == 32


def test_blank_takes_a_rank_back(qtbot, tree, document):
    select(tree, "conv1")
    type_into(qtbot, tree, "conv1", "rank", "7", QLineEdit)
    type_into(qtbot, tree, "conv1", "rank", "", QLineEdit)
    assert asked(document, CONV1).rank is None


def test_space_locks_the_selected_rows_and_frees_them(qtbot, tree, document):
    select(tree, "inner")
    qtbot.keyClick(tree, Qt.Key.Key_Space)
    assert asked(document, CONV1).locked
    assert asked(document, CONV2).locked
    qtbot.keyClick(tree, Qt.Key.Key_Space)
    assert not asked(document, CONV1).locked


def test_a_locked_row_opens_no_editor(qtbot, tree):
    select(tree, "conv1")
    qtbot.keyClick(tree, Qt.Key.Key_Space)
    tree.setCurrentIndex(find(tree.model(), "conv1", "prune"))
    qtbot.keyClick(tree, Qt.Key.Key_F2)
    assert tree.viewport().findChild(QDoubleSpinBox) is None


def test_the_selection_is_told_in_execution_order(qtbot, tree):
    with qtbot.waitSignal(tree.layers_selected) as told:
        select(tree, "conv2", "conv1")
    assert tree.selected_layers() == (CONV1, CONV2)
    assert told.args


def test_a_filter_and_back_keeps_what_was_open_and_chosen(tree):
    tree.collapse(find(tree.model(), "inner"))
    select(tree, "stem/conv")
    tree.filter("conv")
    assert tree.isExpanded(find(tree.model(), "block/inner"))
    tree.filter("")
    assert not tree.isExpanded(find(tree.model(), "inner"))
    assert tree.isExpanded(find(tree.model(), "block"))
    assert tree.selected_layers() == ("/stem/conv",)


def open_scopes(tree) -> set[tuple[str, ...]]:
    """Asked of the view, row for row."""
    model, waiting, found = tree.model(), [tree.model().root], set()
    while waiting:
        node = waiting.pop()
        waiting += node.children
        if node.children and tree.isExpanded(model.index_of(node)):
            found.add(node.path)
    return found


def test_what_is_open_is_known_whatever_opened_it(qtbot, tree):
    def acts():
        yield tree.collapseAll
        yield lambda: tree.expandToDepth(0)
        yield lambda: tree.expandRecursively(tree.model().index(1, 0))
        yield lambda: tree.collapse(find(tree.model(), "inner"))
        yield lambda: tree.setCurrentIndex(tree.model().index(1, 0))
        yield lambda: qtbot.keyClick(tree, Qt.Key.Key_Minus)
        yield lambda: qtbot.keyClick(tree, Qt.Key.Key_Asterisk)
        yield lambda: (tree.filter("conv1"), tree.filter(""))
        yield tree.expandAll

    for act in acts():
        act()
        assert set(tree.look().open) == open_scopes(tree)


def test_columns_are_chosen(tree):
    actions = {action.text(): action for action in tree.column_actions()}
    actions["Out"].trigger()
    assert not tree.isColumnHidden(INDEX["out"])
    actions["Params"].trigger()
    assert tree.isColumnHidden(INDEX["params"])


def test_all_of_many_layers_are_edited_at_once(qtbot):
    """Selecting all selects the rows at the top, which speak for every layer below them."""
    layers = tuple(conv(f"/stage{i // 1000}/block{i // 10 % 100}/conv{i}", 8, 8) for i in range(2000))
    document = Document()
    view = LayerTree(LayerTreeModel(document))
    qtbot.addWidget(view)
    document.show(Opened(summary_of(layers), ""))
    view.filter("conv1999")
    assert view.model().root.layers == [layers[1999]]
    view.filter("")
    view.selectAll()
    assert len(view.selected_nodes()) == 2
    operations.set_bits(document, view.selected_layers(), 8)
    assert {document.settings(layer).bits for layer in layers} == {8}


def test_a_structure_is_chosen_in_place(qtbot, tree, document):
    tree.setColumnHidden(INDEX["structure"], False)
    index = find(tree.model(), "conv1", "structure")
    editor = tree.itemDelegateForColumn(INDEX["structure"]).createEditor(tree.viewport(), None, index)
    assert [editor.itemText(place) for place in range(editor.count())] == ["\u2013", "separable", "stacked"]
    editor.setCurrentIndex(1)
    tree.itemDelegateForColumn(INDEX["structure"]).setModelData(editor, tree.model(), index)
    assert asked(document, CONV1).structure == "separable"
    assert find(tree.model(), "conv1", "structure").data() == "separable"
    assert document.prediction.layers[CONV1].macs < document.layer(CONV1).macs


def test_the_inspector_has_a_knob_for_the_structure(qtbot, document, looks):
    inspector = Inspector(document, looks)
    qtbot.addWidget(inspector)
    inspector.show_layers((CONV1, CONV2))
    choice = inspector.findChild(QComboBox, "structureChoice")
    choice.activated.emit(1)
    assert asked(document, CONV1).structure == asked(document, CONV2).structure == "separable"
    assert choice.currentText() == "separable"
    document.undo_stack.undo()
    assert asked(document, CONV1).structure == "keep"
