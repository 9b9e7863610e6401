import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton

from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity, Sensitivity
from desktop_app.ui import operations
from desktop_app.ui.dialogs.by_sensitivity import BySensitivityDialog
from desktop_app.ui.heat import HeatScale, heat_key
from desktop_app.ui.items.columns import INDEX
from desktop_app.ui.items.roles import HEAT_ROLE
from desktop_app.ui.items.tree_model import LayerTreeModel
from desktop_app.ui.strongest import strongest
from tests.unit.ui.ui_samples import find

STEM, CONV1, CONV2, NORM, HEAD = (
    "/stem/conv",
    "/block/inner/conv1",
    "/block/inner/conv2",
    "/block/norm",
    "/head/classifier",
)
NOISE = {"channels 0.75": 30, "channels 0.5": 20, "channels 0.25": 10, "rank 0.75": 35, "rank 0.5": 25, "rank 0.25": 5,
         "int8": 40, "int6": 32, "weights 8": 45, "weights 4": 22, "weights 2": 8}  # fmt: skip


def row(name, less=0.0, **refused):
    candidates = {
        one.title: Candidate(50.0, NOISE[one.title] - less, 1.0, 6.0 if one.title == "int8" else 10.0)
        for one in CHANGES
    }
    return LayerSensitivity(name, 10.0, candidates | {title: Candidate(reason=why) for title, why in refused.items()})


@pytest.fixture
def tried(document):
    """conv2, which is cut together with the stem, is the most sensitive; the norm was not tried."""
    rows = (row(STEM), row(CONV1), row(CONV2, less=8.0), row(HEAD))
    document.set_sensitivity(Sensitivity(rows, {}, 16, synthetic=True))
    return document


def test_every_knob_gets_the_strongest_setting_that_is_good_enough(tried):
    found = strongest(tried, 20.0, ("prune", "rank", "bits"))
    conv1 = found.settings[CONV1]
    assert (conv1.prune, conv1.rank, conv1.bits) == (0.5, 0.5, 4)
    assert found.untried == 1
    assert NORM not in found.settings


def test_layers_cut_together_get_what_the_most_sensitive_of_them_takes(tried):
    found = strongest(tried, 20.0, ("prune",)).settings
    assert found[STEM].prune == found[CONV2].prune == 0.25
    assert found[CONV1].prune == 0.5
    operations.set_locked(tried, [CONV2], True)
    assert STEM not in strongest(tried, 20.0, ("prune",)).settings


def test_what_costs_too_much_is_set_back_and_a_refused_knob_is_left_alone(tried):
    operations.set_bits(tried, [CONV1], 2)
    found = strongest(tried, 50.0, ("prune", "bits"))
    assert found.settings[CONV1].bits == 32
    assert found.changed == {"prune": 0, "bits": 1}
    assert found.together_db is None
    assert HEAD not in strongest(tried, 20.0, ("prune",)).settings


def test_the_least_time_is_not_had_with_the_fewest_bits(tried):
    assert strongest(tried, 20.0, ("bits",)).settings[CONV1].bits == 4
    assert strongest(tried, 20.0, ("bits", "rank"), "time").settings[CONV1].bits == 8
    assert strongest(tried, 20.0, ("rank",), "time").settings == {}


def test_errors_that_add_up_are_told(tried):
    one = strongest(tried, 38.0, ("bits",))
    assert sum(one.changed.values()) == 3
    assert one.together_db == pytest.approx(40 - 4.77, abs=0.01)


def test_the_dialog_counts_live_and_sets_all_in_one_edit(qtbot, tried):
    dialog = BySensitivityDialog(tried)
    qtbot.addWidget(dialog)
    count = dialog.findChild(QLabel, "proposalCount")
    assert count.text() == "4 layers change"
    dialog._field.setValue(60)
    assert count.text() == "0 layers change"
    assert not dialog.findChild(QPushButton, "setBySensitivity").isEnabled()
    dialog._slider.setValue(20)
    for knob in ("rank", "prune"):
        dialog.findChild(QCheckBox, f"free_{knob}").click()
    before = tried.recipe
    qtbot.mouseClick(dialog.findChild(QPushButton, "setBySensitivity"), Qt.MouseButton.LeftButton)
    assert tried.settings(tried.layer(CONV1)).bits == 4
    assert tried.settings(tried.layer(CONV1)).prune == 0.0
    tried.undo_stack.undo()
    assert tried.recipe == before


def test_heat_is_measured_against_the_hottest_layer(tried, profiled):
    tried.set_profile(profiled)
    layers = {layer.name: layer for layer in tried.layers}
    time = HeatScale(tried, "time")
    assert time.of([layers[CONV1]]).share == 1.0
    assert time.of([layers[STEM]]).share == pytest.approx(0.1)
    assert time.of([layers[CONV1], layers[CONV2]]).text == "80.0 %"
    noise = HeatScale(tried, "sensitivity")
    assert noise.of([layers[CONV2]]).share == 1.0
    assert noise.of([layers[CONV2]]).text == "17 dB"
    assert noise.of([layers[STEM]]).share == pytest.approx(0.2)
    assert noise.of([layers[NORM]]) is None
    assert heat_key(tried, "sensitivity", [layers[CONV2]]) > heat_key(tried, "sensitivity", [layers[STEM]])


def test_the_expected_error_follows_the_recipe(tried):
    layer = tried.layer(CONV1)
    assert HeatScale(tried, "error").of([layer]) is None
    operations.set_bits(tried, [CONV1], 8)
    assert HeatScale(tried, "error").of([layer]).text == "40 dB"
    operations.set_prune(tried, [CONV1], 0.5)
    assert HeatScale(tried, "error").of([layer]).text == "20 dB"


def test_the_heat_column_tells_figure_and_colour_of_what_is_chosen(qtbot, tried):
    model = LayerTreeModel(tried)
    assert find(model, "conv1", "heat").data() == "–"
    with qtbot.waitSignal(tried.heat_changed):
        tried.colour_by("sensitivity")
    assert model.headerData(INDEX["heat"], Qt.Orientation.Horizontal) == "Sens."
    assert find(model, "conv1", "heat").data() == "25 dB"
    assert find(model, "conv2", "heat").data(HEAT_ROLE) == 1.0
    tried.add_tried(row(CONV1, less=15.0))
    assert find(model, "conv1", "heat").data() == "10 dB"
