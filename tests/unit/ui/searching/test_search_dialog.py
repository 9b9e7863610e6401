import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QPushButton, QSpinBox

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.settings import KNOBS
from desktop_app.jobs.searches import SearchSized
from desktop_app.ui.dialogs.search import SearchDialog, SearchFacts

FACTS = SearchFacts({"bytes": 2e6, "speedup": 1.0}, {"max_drop": "The data has no labels."}, "PyTorch is missing.", "")


@pytest.fixture
def dialog(qtbot) -> SearchDialog:
    made = SearchDialog(Budget(time=600.0, trials=None), FACTS)
    qtbot.addWidget(made)
    return made


def field(dialog, name, kind=QDoubleSpinBox):
    return dialog.findChild(kind, name)


def test_a_budget_comes_out_as_it_went_in(dialog):
    budget = Budget(
        limits=BudgetLimits(bytes=1_234_000, macs=5_000_000, latency_ms=2.5, speedup=1.5, peak_memory=3_000_000,
                            min_agreement=0.93),
        free=KNOBS, time=90.0, trials=50, strategy="evolution", finalists=2, seed=4,
    )  # fmt: skip
    dialog.show_budget(budget)
    assert dialog.budget() == budget
    dialog.show_budget(Budget(limits=BudgetLimits(bytes=1000), trials=3))
    assert dialog.budget() == Budget(limits=BudgetLimits(bytes=1000), trials=3, free=("prune", "rank", "bits"))


FINE = Budget(
    limits=BudgetLimits(bytes=1_234_567, macs=400, latency_ms=0.0004, speedup=1.2345, peak_memory=1_000_001,
                        min_agreement=1 / 3),
    free=("bits", "prune"), time=2.5, trials=None, recover=2_000_000, seed=3_000_000_000,
)  # fmt: skip
"""Finer, and further, than fields can show."""


def test_what_nobody_has_changed_stays_as_it_was_given(qtbot):
    dialog = SearchDialog(FINE, SearchFacts())
    qtbot.addWidget(dialog)
    assert dialog.budget() == FINE
    dialog.show_budget(FINE)
    assert dialog.budget() == FINE
    assert field(dialog, "limit_bytes").text() == "≤ 1.235 MB"
    assert field(dialog, "searchMinutes").text() == "0.1 min"
    field(dialog, "limit_bytes").setValue(2.0)
    field(dialog, "searchMinutes").setValue(1.5)
    changed = replace(FINE, limits=replace(FINE.limits, bytes=2_000_000), time=90.0)
    assert dialog.budget() == changed
    field(dialog, "limit_bytes").setValue(1.235)
    assert dialog.budget() == replace(changed, limits=FINE.limits)
    field(dialog, "searchMinutes").setValue(0.0)
    field(dialog, "limit_macs").stepBy(-1)
    assert dialog.budget() == replace(FINE, limits=replace(FINE.limits, macs=None), time=None)


def test_what_cannot_be_asked_for_here_is_saved_all_the_same(dialog, qtbot):
    budget = Budget(limits=BudgetLimits(bytes=1000, max_drop=0.25), time=2.5, recover=500)
    dialog.show_budget(budget)
    with qtbot.waitSignal(dialog.save_wanted) as wanted:
        field(dialog, "saveBudget", QPushButton).click()
    assert wanted.args == [budget]
    assert dialog.budget() == replace(budget, limits=BudgetLimits(bytes=1000), recover=0)


def test_where_nothing_else_is_asked_for_it_is_said_why_the_limit_is_off(dialog):
    dialog.show_budget(Budget(limits=BudgetLimits(max_drop=1.0)))
    start = field(dialog, "startSearch", QPushButton)
    assert not start.isEnabled()
    assert "The data has no labels." in start.toolTip()


def test_a_limit_without_labels_is_off_with_the_reason(dialog):
    dialog.show_budget(replace(dialog.budget(), limits=BudgetLimits(bytes=1000, max_drop=1.0)))
    box = field(dialog, "limit_max_drop")
    assert not box.isEnabled()
    assert "The data has no labels." in box.toolTip()
    assert dialog.budget().limits == BudgetLimits(bytes=1000)


def test_nothing_lost_is_a_limit_where_there_are_labels(qtbot):
    made = SearchDialog(Budget(limits=BudgetLimits(max_drop=0.0)), SearchFacts())
    qtbot.addWidget(made)
    assert made.budget().limits.max_drop == 0.0
    field(made, "limit_max_drop").stepDown()
    assert made.budget().limits.max_drop is None


def test_without_torch_nothing_is_trained_and_it_says_why(dialog):
    box = field(dialog, "searchRecover", QSpinBox)
    assert not box.isEnabled()
    assert "PyTorch is missing." in box.toolTip()


def test_the_search_waits_until_something_is_asked_for_and_it_will_end(dialog):
    start = field(dialog, "startSearch", QPushButton)
    assert not start.isEnabled()
    assert "set at least one limit" in start.toolTip()
    field(dialog, "limit_speedup").setValue(2.0)
    assert start.isEnabled()
    field(dialog, "searchMinutes").setValue(0.0)
    assert "A search must end" in start.toolTip()
    field(dialog, "searchTrials", QSpinBox).setValue(20)
    assert start.isEnabled()
    for knob in KNOBS:
        field(dialog, f"search_{knob}", QCheckBox).setChecked(False)
    assert "at least one setting" in start.toolTip()


def test_the_candidates_are_counted_when_the_user_has_paused(dialog, qtbot):
    with qtbot.waitSignal(dialog.size_wanted, timeout=2000) as wanted:
        field(dialog, "limit_bytes").setValue(1.0)
        field(dialog, "limit_bytes").setValue(0.5)
    assert wanted.args[0].limits.bytes == 500_000


def test_an_earlier_search_is_gone_on_with_until_something_else_is_asked_for(dialog):
    field(dialog, "limit_bytes").setValue(1.0)
    dialog.show_size(SearchSized({"bits": 3}, 1.4, judged=57))
    start = field(dialog, "startSearch", QPushButton)
    assert "57 candidates" in field(dialog, "searchKnown", QLabel).text()
    assert start.text() == "Go on"
    field(dialog, "searchSeed", QSpinBox).setValue(1)
    assert start.text() == "Search"
    assert not field(dialog, "searchKnown", QLabel).isVisibleTo(dialog)


def test_where_there_is_nothing_to_choose_nothing_is_searched(dialog):
    field(dialog, "limit_bytes").setValue(1.0)
    dialog.show_size(SearchSized({}, 0.0))
    start = field(dialog, "startSearch", QPushButton)
    assert not start.isEnabled()
    assert "nothing to choose" in start.toolTip()


def test_every_strategy_says_what_it_does(dialog):
    box = field(dialog, "searchStrategy", QComboBox)
    for place in range(box.count()):
        box.setCurrentIndex(place)
        assert len(box.toolTip()) > 20
        assert dialog.budget().strategy == box.itemData(place)
