import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop_app.ui import operations
from desktop_app.ui.items.columns import INDEX
from desktop_app.ui.items.tree_model import LayerTreeModel
from tests.unit.ui.ui_samples import find


@pytest.fixture
def model(document) -> LayerTreeModel:
    return LayerTreeModel(document)


def shown(model, label, column):
    return find(model, label, column).data()


def test_the_model_keeps_qts_contract(model, document, profiled):
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort(INDEX["params"], Qt.SortOrder.DescendingOrder)
    operations.set_bits(document, ["/stem/conv"], 8)
    document.set_profile(profiled)
    model.set_filter("op:conv block")
    model.set_filter("")


def test_groups_add_up_their_layers(model, document, profiled):
    assert shown(model, "block", "time") == "–"
    document.set_profile(profiled)
    assert shown(model, "block", "time") == "81.0 %"
    assert shown(model, "inner", "params") == "37.0k"


def test_different_values_below_a_group_are_shown_as_mixed(model, document):
    operations.set_bits(document, ["/block/inner/conv1"], 8)
    assert shown(model, "inner", "bits") == "mixed"
    operations.set_bits(document, ["/block/inner/conv2"], 8)
    assert shown(model, "inner", "bits") == "8"


def test_a_group_counts_only_the_layers_that_can_take_the_knob(model, document):
    operations.set_bits(document, [one.name for one in document.layers], 4)
    assert shown(model, "block", "bits") == "4"


def test_a_knob_that_a_layer_cannot_take_is_closed_with_the_reason(model):
    cell = find(model, "head/classifier", "prune")
    assert not cell.flags() & Qt.ItemFlag.ItemIsEditable
    assert "Its output is the model&#x27;s output." in cell.data(Qt.ItemDataRole.ToolTipRole)


def test_what_is_asked_and_refused_is_marked_with_the_reason(model, document):
    operations.set_rank(document, ["/block/inner/conv1"], 10_000)
    cell = find(model, "conv1", "rank")
    assert cell.data() == "(!) 10000"
    assert "would not save" in cell.data(Qt.ItemDataRole.ToolTipRole)
    assert shown(model, "inner", "rank").startswith("(!)")


def test_coupled_layers_are_marked(model):
    assert not find(model, "stem/conv", "prune").data(Qt.ItemDataRole.DecorationRole).isNull()
    assert "/block/inner/conv2" in find(model, "stem/conv", "prune").data(Qt.ItemDataRole.ToolTipRole)
    assert find(model, "conv1", "prune").data(Qt.ItemDataRole.DecorationRole) is None


def test_sorting_keeps_the_scopes_and_comes_back(model):
    before = [child.label for child in model.root.children]
    model.sort(INDEX["params"], Qt.SortOrder.DescendingOrder)
    assert [child.label for child in model.root.children] == ["block", "head/classifier", "stem/conv"]
    model.sort(-1)
    assert [child.label for child in model.root.children] == before


def test_a_filter_leaves_what_it_asks_for(model, document, profiled):
    document.set_profile(profiled)
    model.set_filter(">20% time")
    assert [child.label for child in model.root.children] == ["block/inner"]
    model.set_filter("refused")
    assert [one.name for one in model.root.layers] == ["/block/norm", "/head/classifier"]


def test_names_are_never_markup(qapp, summary, document):
    from msgspec.structs import replace

    from desktop_app.jobs.messages import Opened

    hostile = replace(summary.layers[0], name="<img src=x>", scope=())
    document.show(Opened(replace(summary, layers=(hostile,), groups=()), ""))
    model = LayerTreeModel(document)
    assert model.index(0, 0).data() == "<img src=x>"
    assert "<img" not in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def told_rows(model) -> list[str]:
    """Labels of the rows of which the model tells that they changed, from now on."""
    labels: list[str] = []
    model.dataChanged.connect(
        lambda first, last: labels.extend(
            model.index(row, 0, first.parent()).data() for row in range(first.row(), last.row() + 1)
        )
    )
    return labels


def test_an_edit_of_one_layer_names_its_row_and_those_above_and_no_other(model, document, qtbot):
    labels = told_rows(model)
    with qtbot.assertNotEmitted(model.all_changed):
        operations.set_bits(document, ["/block/inner/conv1"], 8)
    assert sorted(labels) == ["block", "conv1", "inner"]
    assert shown(model, "conv1", "bits") == "8"


def test_what_is_cut_together_with_the_edited_layer_is_named_too(model, document):
    labels = told_rows(model)
    operations.set_prune(document, ["/stem/conv"], 0.5)
    assert {"stem/conv", "conv1", "conv2", "head/classifier"} <= set(labels)


def test_a_filtered_model_forgets_its_rows_and_shows_the_whole_as_it_was(model, document):
    whole = model.root
    model.set_filter("conv1")
    filtered = model.root
    row = filtered.children[0]
    model.set_filter("")
    assert model.root is whole
    assert row.parent is None
    assert not filtered.children
    model.sort(INDEX["params"], Qt.SortOrder.DescendingOrder)
    model.set_filter("conv")
    model.sort(-1)
    model.set_filter("")
    assert [one.label for one in model.root.children] == ["stem/conv", "block", "head/classifier"]
