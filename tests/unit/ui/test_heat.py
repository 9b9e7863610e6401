"""Error as a colour: measured where the run that is shown did so, else expected from the sensitivity."""

import pytest
from PySide6.QtCore import Qt

from desktop_app.core.sensitivity import Candidate, LayerSensitivity
from desktop_app.ui import operations
from desktop_app.ui.graph.measures import BY_ID
from desktop_app.ui.heat import KINDS, HeatScale, tip_of, title_of
from desktop_app.ui.heat_menu import HeatMenu
from desktop_app.ui.items.columns import INDEX
from desktop_app.ui.items.tree_model import LayerTreeModel
from tests.unit.ui.test_compare import CONV1, NORM, run_of, with_errors

STEM = "/stem/conv"


@pytest.fixture
def expecting(document):
    """The sensitivity of the stem is known, and the recipe asks for 8 bits of it."""
    rows = {title: Candidate(20.0, 25.0) for title in ("int8", "weights 8")}
    document.add_tried(LayerSensitivity(STEM, 10.0, rows))
    operations.SETTERS["bits"](document, [STEM], 8)
    return document


def error_of(document, *names: str) -> float | None:
    return KINDS["error"].value(document, [document.layer(name) for name in names])


def test_before_a_run_the_error_is_what_is_expected(expecting):
    assert error_of(expecting, STEM) == pytest.approx(25.0)
    assert error_of(expecting, CONV1) is None
    assert title_of(expecting, "error") == "Error, expected"
    assert "expected" in tip_of(expecting, "error")


def test_the_measured_error_takes_its_place_and_says_of_which_run(expecting, summary):
    expecting.runs.add(with_errors(run_of(summary)))
    assert error_of(expecting, STEM) == 200.0
    assert error_of(expecting, CONV1, STEM, NORM) == pytest.approx(31.24)
    assert error_of(expecting, NORM) is None
    assert title_of(expecting, "error") == "Error, measured in run #1"
    assert "run #1 measured it on 16 samples" in tip_of(expecting, "error")
    scale = HeatScale(expecting, "error")
    assert scale.of([expecting.layer(CONV1)]).share == 1.0
    assert scale.of([expecting.layer(STEM)]).share == 0.0
    assert scale.of([expecting.layer(STEM)]).text == "exact"


def test_a_run_that_measured_none_leaves_what_is_expected(expecting, summary):
    expecting.runs.add(run_of(summary))
    assert error_of(expecting, STEM) == pytest.approx(25.0)
    assert title_of(expecting, "error") == "Error, expected"


def test_the_tree_is_coloured_anew_when_a_run_is_shown(document, summary):
    model = LayerTreeModel(document)
    document.colour_by("error")
    index = model.index_at(("stem", "conv"))
    if not index.isValid():
        index = model.index(0, 0)
    column = index.siblingAtColumn(INDEX["heat"])
    assert column.data() == "–"
    document.runs.add(with_errors(run_of(summary)))
    assert column.data() == "exact"
    tip = model.headerData(INDEX["heat"], Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "run #1" in tip


def test_the_menu_says_which_it_would_be(qtbot, document, summary):
    from PySide6.QtWidgets import QMenu

    above = QMenu()
    qtbot.addWidget(above)
    menu = HeatMenu(document, above)
    error = next(action for action in menu.actions() if action.data() == "error")
    assert "expected" in error.toolTip()
    document.runs.add(with_errors(run_of(summary)))
    assert "run #1" in error.toolTip()


def test_the_graph_takes_the_worst_of_a_group_and_needs_no_sensitivity_then(document, summary):
    measure = BY_ID["error"]
    assert measure.why_not(document)
    document.runs.add(with_errors(run_of(summary)))
    assert not measure.why_not(document)
    assert measure.of(document, [STEM, CONV1]) == pytest.approx(31.24)
    assert measure.told(document) == "Error, measured in run #1"
    assert measure.text(200.0, 0.0) == "exact"
