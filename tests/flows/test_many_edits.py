"""Thirty layers are edited by keys, one after the other; Ctrl+Z takes back all, and Ctrl+Shift+Z brings them again."""

import shutil

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication, QComboBox

from desktop_app.ui.items.columns import INDEX
from tests.flows.clicks import OPEN_MS

NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
EDITED = 30


def leaves(model, above):
    """The rows of layers, top down."""
    for row in range(model.rowCount(above)):
        index = model.index(row, 0, above)
        if model.rowCount(index):
            yield from leaves(model, index)
        else:
            yield index


def press(qtbot, window, key, modifiers=NONE):
    """A key goes to the tree."""
    window.tree.setFocus()
    qtbot.keyClick(window.tree, key, modifiers)
    QApplication.processEvents()


def go_to(tree, index):
    """Selects one row, with the bits cell as the one that keys edit."""
    selection = tree.selectionModel()
    cell = index.siblingAtColumn(INDEX["bits"])
    rows = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    selection.setCurrentIndex(cell, rows)


def type_bits(qtbot, window, bits):
    """F2, the bits, Return."""
    press(qtbot, window, Qt.Key.Key_F2)
    editor = next(one for one in window.tree.viewport().findChildren(QComboBox) if one.isVisible())
    qtbot.keyClicks(editor, bits)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def edit_all_and_undo(qtbot, window, count):
    """Edits so many layers by keys, every third one twice, then goes all the way back and forth again."""
    document, tree = window.document, window.tree
    tree.expandAll()
    before, size = document.recipe, document.prediction.cost.bytes
    start, clean = document.undo_stack.index(), document.undo_stack.isClean()
    rows = list(leaves(tree.model(), tree.rootIndex()))[:count]
    names = [tree.model().node(row).layer.name for row in rows]
    states = [before]
    for place, row in enumerate(rows):
        go_to(tree, row)
        assert tree.selected_layers() == (names[place],)
        type_bits(qtbot, window, "16" if document.settings(document.layer(names[place])).bits != 16 else "32")
        states.append(document.recipe)
        if place % 3 == 0:
            press(qtbot, window, Qt.Key.Key_Space)
            states.append(document.recipe)
    edits = document.undo_stack.index() - start
    assert edits == len(states) - 1 == count + (count + 2) // 3
    assert len({str(state) for state in states}) == len(states)
    assert all(document.settings(document.layer(name)).locked for name in names[::3])
    after, smaller = document.recipe, document.prediction.cost.bytes
    assert smaller != size

    for state in reversed(states[:-1]):
        press(qtbot, window, Qt.Key.Key_Z, CONTROL)
        assert document.recipe == state
    assert document.recipe == before
    assert document.prediction.cost.bytes == size
    assert document.undo_stack.index() == start
    assert document.undo_stack.isClean() == clean

    for _ in range(edits):
        press(qtbot, window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert document.recipe == after
    assert document.prediction.cost.bytes == smaller
    assert not document.undo_stack.canRedo()


def test_every_layer_of_the_sample(sample, qtbot):
    edit_all_and_undo(qtbot, sample, len(sample.document.layers))


def open_copy(qtbot, window, model, folder):
    """Opens a copy of a file."""
    window.errands.take_files([str(shutil.copy(model, folder))])
    qtbot.waitUntil(lambda: window.document.summary is not None, timeout=OPEN_MS)


@pytest.mark.corpus
def test_thirty_layers_of_a_real_model(window, qtbot, tmp_path, shared_data):
    open_copy(qtbot, window, shared_data / "models" / "resnet56_cifar10.onnx", tmp_path)
    assert len(window.document.layers) >= EDITED
    edit_all_and_undo(qtbot, window, EDITED)


@pytest.mark.corpus
def test_the_layers_of_mobilenet(window, qtbot, tmp_path, shared_data):
    open_copy(qtbot, window, shared_data / "models" / "mobilenet_v1_0.75_224.onnx", tmp_path)
    edit_all_and_undo(qtbot, window, min(EDITED, len(window.document.layers)))
