"""One selection for tree, graph and inspector."""

import pytest

from desktop_app.ui.items.tree_model import LayerTreeModel
from desktop_app.ui.views.tree import LayerTree
from tests.unit.ui.ui_samples import find

CONV1 = ("block", "inner", "/block/inner/conv1")


@pytest.fixture
def tree(qtbot, document):
    view = LayerTree(LayerTreeModel(document))
    qtbot.addWidget(view)
    view.show_first()
    return view


def test_the_tree_tells_and_follows_the_selection(tree, document):
    tree.setCurrentIndex(find(tree.model(), "conv1"))
    assert document.selection.rows == {CONV1}
    assert document.selection.layers == ("/block/inner/conv1",)

    told = []
    tree.layers_selected.connect(told.append)
    stem = tree.model().node(find(tree.model(), "stem/conv")).path
    document.selection.choose([stem], ["/stem/conv"])
    assert [node.path for node in tree.selected_nodes()] == [stem]
    assert tree.currentIndex() == find(tree.model(), "stem/conv")
    assert told == [("/stem/conv",)]


def test_a_row_below_a_closed_scope_is_opened_and_one_that_the_filter_hides_stays_selected(tree, document):
    tree.collapseAll()
    document.selection.choose([CONV1], [CONV1[-1]])
    assert tree.isExpanded(find(tree.model(), "inner").parent())
    tree.filter("classifier")
    document.selection.choose([CONV1], [CONV1[-1]])
    assert document.selection.layers == (CONV1[-1],)
    assert tree.selected_nodes() == []


def test_an_equal_selection_is_not_told_and_another_model_has_none(document, summary, qtbot):
    from desktop_app.jobs.messages import Opened

    document.selection.choose([CONV1], [CONV1[-1]])
    with qtbot.assertNotEmitted(document.selection.changed):
        document.selection.choose([CONV1], [CONV1[-1]])
    document.show(Opened(summary, "/other"))
    assert document.selection.rows == frozenset()
