"""Settings of layers and command lines through the clipboard, by keys in the real window."""

import shlex

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from desktop_app.core.data import DataSettings
from desktop_app.core.measuring import Measuring
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.io.recipes import parse_recipe
from desktop_app.ui import operations
from desktop_app.ui.command_text import command_text, inline
from desktop_app.ui.layer_text import as_text, from_text
from desktop_app.ui.settings.measuring import chosen_measuring
from tests.unit.ui.ui_samples import asked, select

STEM, CONV1, CONV2, HEAD = "/stem/conv", "/block/inner/conv1", "/block/inner/conv2", "/head/classifier"
CONTROL = Qt.KeyboardModifier.ControlModifier


def told(window):
    return window.messages.findChild(QLabel, "messageText").text()


def keys(qtbot, window, key):
    qtbot.keyClick(window.tree, key, CONTROL)


def test_settings_of_one_layer_go_to_all_selected_in_one_edit(opened, qtbot):
    operations.set_bits(opened.document, [CONV1], 8)
    operations.set_rank(opened.document, [CONV1], 0.5)
    edits = opened.document.undo_stack.count()
    select(opened, "conv1")
    keys(qtbot, opened, Qt.Key.Key_C)
    assert told(opened) == "The settings of one layer are copied."
    select(opened, "stem/conv", "conv2")
    keys(qtbot, opened, Qt.Key.Key_V)
    for name in (STEM, CONV2):
        assert (asked(opened, name).bits, asked(opened, name).rank) == (8, 0.5)
    assert told(opened) == "2 layers have other settings now."
    assert opened.document.undo_stack.count() == edits + 1
    opened.document.undo_stack.undo()
    assert asked(opened, CONV2) == LayerSettings()


def test_what_a_layer_cannot_take_is_left_and_told(opened, qtbot):
    operations.set_prune(opened.document, [CONV1], 0.25)
    operations.set_bits(opened.document, [CONV1], 4)
    select(opened, "conv1")
    keys(qtbot, opened, Qt.Key.Key_C)
    select(opened, "head/classifier")
    keys(qtbot, opened, Qt.Key.Key_V)
    assert (asked(opened, HEAD).prune, asked(opened, HEAD).bits) == (0.0, 4)
    details = opened.messages.memory()[-1].failure.details
    assert "Not pasted onto /head/classifier: Prune: Its output is the model's output." in details


def test_layers_that_are_cut_together_are_pasted_together_and_locked_ones_stay(opened, qtbot):
    operations.set_prune(opened.document, [CONV1], 0.5)
    operations.set_locked(opened.document, [HEAD], True)
    select(opened, "conv1")
    keys(qtbot, opened, Qt.Key.Key_C)
    select(opened, "conv2", "head/classifier")
    keys(qtbot, opened, Qt.Key.Key_V)
    assert asked(opened, STEM).prune == asked(opened, CONV2).prune == 0.5
    assert asked(opened, HEAD) == LayerSettings(locked=True)


def test_several_go_by_name_or_in_order_or_are_refused(opened, qtbot):
    operations.set_bits(opened.document, [CONV1], 8)
    operations.set_bits(opened.document, [CONV2], 4)
    select(opened, "conv1", "conv2")
    keys(qtbot, opened, Qt.Key.Key_C)
    operations.reset(opened.document, [CONV1, CONV2])
    keys(qtbot, opened, Qt.Key.Key_V)
    assert (asked(opened, CONV1).bits, asked(opened, CONV2).bits) == (8, 4)

    select(opened, "stem/conv", "head/classifier")
    keys(qtbot, opened, Qt.Key.Key_V)
    assert (asked(opened, STEM).bits, asked(opened, HEAD).bits) == (8, 4)
    select(opened, "head/classifier")
    keys(qtbot, opened, Qt.Key.Key_V)
    assert "select as many layers" in told(opened)


NO_SETTINGS = (
    "", "hello", "{", "[]", "{}", '{"layer_settings": {"a": {"bits": 5}}}', '{"layer_settings": {"a": {"prune": 2}}}',
    '{"layer_settings": {"a": {"prune": 0.1}}, "x": 1}', '{"layer_settings": {"re:(": {"prune": 0.1}}}',
    '{"layer_settings": {"a": 3}}',
)  # fmt: skip


def test_other_text_in_the_clipboard_is_no_settings(opened, qtbot):
    select(opened, "conv1")
    for text in NO_SETTINGS:
        assert from_text(text) == (), text
        opened.messages.recall(())
        QGuiApplication.clipboard().setText(text)
        keys(qtbot, opened, Qt.Key.Key_V)
        assert any("no settings of layers" in str(one.failure.sentence) for one in opened.messages.memory()), text


def test_the_text_says_only_what_was_asked(opened):
    operations.set_bits(opened.document, [CONV1], 8)
    operations.set_locked(opened.document, [CONV1], True)
    text = as_text(opened.document, [CONV1])
    assert text.replace("\n", "").replace(" ", "") == f'{{"layer_settings":{{"{CONV1}":{{"bits":8}}}}}}'


names = st.text(min_size=1, max_size=12).filter(lambda one: not one.startswith("re:"))
recipes = st.builds(
    Recipe,
    data=st.builds(DataSettings, path=st.one_of(st.none(), st.text(min_size=1, max_size=12))),
    layers=st.dictionaries(names, st.just(LayerOverride(bits=8, prune=0.25)), max_size=3),
    methods=st.builds(Methods, prune=st.builds(PruneMethod, target_macs=st.sampled_from([None, 0.5]))),
)


@given(recipe=recipes)
def test_a_recipe_in_one_line_is_the_same_recipe(recipe):
    assert parse_recipe(inline(recipe)) == recipe


def test_the_command_names_the_file_of_a_saved_recipe_and_writes_another_out(opened, tmp_path, qtbot):
    operations.set_bits(opened.document, [CONV1], 8)
    words = shlex.split(command_text(opened.document, Measuring(2), windows=False))
    assert words[-8:-6] == ["compress", "/models/net.onnx"]
    assert parse_recipe(words[words.index("--recipe") + 1]) == opened.document.recipe
    assert words[-2:] == ["--threads", "2"]

    opened.document.saved(tmp_path / "it's.yaml")
    words = shlex.split(command_text(opened.document, Measuring(0), windows=False))
    assert words[words.index("--recipe") + 1] == str(tmp_path / "it's.yaml")

    qtbot.keyClick(opened, Qt.Key.Key_C, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text() == command_text(opened.document, chosen_measuring())


def test_on_windows_no_double_quote_stands_within_another(opened):
    operations.set_bits(opened.document, [CONV1], 8)
    text = command_text(opened.document, Measuring(0), windows=True)
    assert """--recipe "{version: 1, layers: {'/block/inner/conv1': {bits: 8}}}" --out""" in text
    bad = replace(opened.document.recipe, layers={"50%": LayerOverride(bits=8)})
    operations.set_recipe(opened.document, bad)
    assert command_text(opened.document, Measuring(0), windows=True) == ""
