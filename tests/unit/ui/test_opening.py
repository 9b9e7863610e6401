"""The scopes of a large model are opened bit by bit."""

import pytest

from desktop_app.jobs.messages import Opened
from desktop_app.ui.items.tree_model import LayerTreeModel
from desktop_app.ui.views import opening
from desktop_app.ui.views.tree import LayerTree
from tests.unit.ui.ui_samples import conv, summary_of

STAGES, IN_STAGE = 30, 4


@pytest.fixture
def tree(document, qtbot, monkeypatch):
    """A tree that counts as large, of which one turn opens one scope."""
    monkeypatch.setattr(opening, "TURN_SECONDS", 0.0)
    monkeypatch.setattr("desktop_app.ui.views.tree.AT_ONCE", 10)
    monkeypatch.setattr("desktop_app.ui.views.tree_memory.AT_ONCE", 10)
    monkeypatch.setattr("desktop_app.ui.views.tree.EXPAND_ALL_BELOW", 10)
    names = [f"/stage{stage}/conv{place}" for stage in range(STAGES) for place in range(IN_STAGE)]
    document.show(Opened(summary_of(tuple(conv(name, 8, 8) for name in names)), "/snapshot"))
    made = LayerTree(LayerTreeModel(document))
    qtbot.addWidget(made)
    made.show()
    made.collapseAll()
    return made


def open_scopes(tree):
    model = tree.model()
    return [node.label for node in model.root.children if tree.isExpanded(model.index_of(node))]


def test_the_first_scopes_are_open_at_once_and_the_others_follow(tree, qtbot):
    tree.expandAll()
    assert open_scopes(tree) == ["stage0"]
    qtbot.waitUntil(lambda: not tree.opening.busy)
    assert open_scopes(tree) == [f"stage{place}" for place in range(STAGES)]


def test_what_was_open_before_a_filter_is_open_after_it(tree, qtbot):
    model = tree.model()
    tree.expand(model.index_of(model.root.children[3]))
    tree.expand(model.index_of(model.root.children[7]))
    tree.filter("conv")
    assert tree.opening.busy
    tree.filter("")  # before all are open
    qtbot.waitUntil(lambda: not tree.opening.busy)
    assert open_scopes(tree) == ["stage3", "stage7"]


def test_closing_all_ends_the_opening(tree, qtbot):
    tree.expandAll()
    tree.collapseAll()
    qtbot.wait(20)
    assert open_scopes(tree) == []


def test_a_tree_made_anew_looks_the_same_at_once(tree, document, qtbot):
    tree.expandAll()
    state = tree.look()
    other = LayerTree(LayerTreeModel(document))
    qtbot.addWidget(other)
    other.take(state)
    assert len(open_scopes(other)) == STAGES
