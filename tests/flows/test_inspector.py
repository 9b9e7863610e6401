"""The inspector shows what a layer's numbers say, beside whatever the worker does, and follows the knobs by itself."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, QLocale, Qt
from PySide6.QtWidgets import QTableView, QToolButton, QWidget

from desktop_app.ui import operations
from desktop_app.ui.language import speak
from desktop_app.ui.plots.mini import MiniPicture
from tests.flows.clicks import OPEN_MS, click

LOOK_MS = 60_000


@pytest.fixture
def english_again() -> Iterator[None]:
    before = QLocale()
    yield
    speak("en")
    QLocale.setDefault(before)


def select(window, label, scope):
    """Selects the row of a layer, as a click does."""
    tree = window.tree
    nodes = [node for node in tree.model().root.children if node.label == scope]
    row = next(child for child in nodes[0].children if child.label == label)
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    tree.selectionModel().setCurrentIndex(tree.model().index_of(row), flags)
    return row.layer.name


def section(window, name):
    return window.findChild(QWidget, f"section_{name}")


def test_a_look_comes_beside_the_main_worker_and_then_follows_the_knobs_alone(sample, qtbot):
    window = sample
    name = select(window, "conv1", "stage1")
    qtbot.waitUntil(lambda: window.session.looks.of(name) is not None, timeout=LOOK_MS)
    channels = section(window, "channels")
    assert isinstance(channels._shown, MiniPicture)
    before = channels.words
    assert window.session.aside.worker_pid != window.session.runner.host.worker_pid

    operations.set_prune(window.document, [name], 0.5)
    assert channels.words != before
    assert channels.words.startswith("the cut removes 16 of 32 channels")
    operations.set_rank(window.document, [name], 4)
    assert section(window, "rank").words.startswith("rank 4 of ")
    assert not window.session.aside.asks("layer")

    qtbot.waitUntil(lambda: window.session.looks.activation(name) is not None, timeout=LOOK_MS)
    assert "on samples" in section(window, "activations").words


def test_layers_are_looked_at_while_a_run_goes_on(sample, qtbot):
    window = sample
    click(qtbot, window, QToolButton, "runButton")
    qtbot.waitUntil(lambda: bool(window.session.live.measurements), timeout=OPEN_MS)
    name = select(window, "conv2", "stage3")
    qtbot.waitUntil(lambda: window.session.looks.of(name) is not None, timeout=LOOK_MS)
    assert window.session.running
    window.session.stop()
    qtbot.waitUntil(lambda: not window.session.running, timeout=OPEN_MS)


def test_what_is_folded_and_shown_as_a_table_is_so_again_after_the_views_are_made_anew(sample, qtbot, english_again):
    window = sample
    name = select(window, "conv1", "stage1")
    qtbot.waitUntil(lambda: window.session.looks.of(name) is not None, timeout=LOOK_MS)
    bits = section(window, "bits")
    qtbot.mouseClick(bits.findChild(QToolButton, "sectionTable"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(section(window, "weights").findChild(QToolButton, "sectionTitle"), Qt.MouseButton.LeftButton)
    rows = len(window.session.looks.of(name).noise)
    assert bits.findChild(QTableView, "sectionFigures").model().rowCount() == rows

    old = window.workspace
    speak("zh_CN")
    qtbot.waitUntil(lambda: window.workspace is not old, timeout=OPEN_MS)
    assert section(window, "bits").findChild(QTableView, "sectionFigures").model().rowCount() == rows
    assert not section(window, "weights").open
    assert section(window, "channels").words
