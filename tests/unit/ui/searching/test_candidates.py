import pytest

from desktop_app.core.budget import BudgetLimits, best_without
from desktop_app.core.judged import Judged
from desktop_app.ui.searching.candidates import AT_ONCE, Candidates
from desktop_app.ui.searching.pictures import lines_of, picture_of
from tests.unit.ui.searching.search_samples import CANDIDATES, LIMITS, ORIGINAL, begun, measured


@pytest.fixture
def candidates(qapp) -> Candidates:
    made = Candidates()
    made.forget(LIMITS)
    made.begin(begun())
    for one in (ORIGINAL, *CANDIDATES):
        made.add(one)
    made.take_up_all()
    return made


def test_candidates_are_points_beside_the_model_as_it_is(candidates):
    assert [one.title for one in candidates.trials] == ["#1", "#2", "#3", "#4"]
    assert (candidates.judged, candidates.kept, candidates.failed) == (5, 2, 0)
    assert candidates.best is not None
    assert candidates.best.number == 3  # of the two that keep both limits, the one with less noise
    picture = picture_of(candidates)
    assert picture is not None
    assert {dot.trial.id: dot.feasible for dot in picture.dots} == {"1": False, "2": False, "3": True, "4": True}
    assert (picture.x.id, picture.y.id) == ("size", "agreement")
    assert picture.original == (1.0, 100.0)


def test_what_each_limit_costs_is_what_the_worker_would_say(candidates):
    expected = best_without(LIMITS, (ORIGINAL, *CANDIDATES))
    assert candidates.without == expected
    assert {name: one.number for name, one in expected.items()} == {"bytes": 3, "speedup": 2}


def test_a_candidate_that_was_measured_takes_the_place_of_its_draft(candidates):
    whole = measured(CANDIDATES[3], 1.8)
    candidates.add(whole)
    candidates.add(CANDIDATES[3])  # told again by a search that goes on
    candidates.take_up_all()
    assert candidates.found("4") == whole
    assert candidates.draft(4) == CANDIDATES[3]
    assert candidates.best == whole
    assert candidates.judged == 5
    picture = picture_of(candidates)
    assert picture is not None
    dot = next(one for one in picture.dots if one.trial.id == "4")
    assert dot.stands_out
    assert dot.trial.speedup is not None
    assert dot.trial.speedup.ci95 == pytest.approx((1.7, 1.9))
    assert not any(one.stands_out for one in picture.dots if one.trial.id != "4")


def test_a_search_that_goes_on_measures_its_finalists_anew(candidates):
    candidates.add(measured(CANDIDATES[2], 2.5))
    candidates.add(measured(CANDIDATES[3], 1.8))
    candidates.take_up_all()
    assert candidates.best == measured(CANDIDATES[2], 2.5)
    candidates.begin(begun(ORIGINAL, *CANDIDATES))
    assert candidates.best == CANDIDATES[2]
    assert candidates.found("3") == CANDIDATES[2]
    candidates.add(measured(CANDIDATES[2], 1.2))
    candidates.take_up_all()
    assert candidates.best == candidates.found("3") == measured(CANDIDATES[2], 1.2)
    assert candidates.found("4") == CANDIDATES[3]
    assert not next(one for one in candidates.trials if one.id == "4").measured
    assert (candidates.judged, candidates.kept) == (5, 1)


def test_what_was_measured_without_its_draft_waits_for_what_is_known(candidates):
    late = Judged(5, (2, 1), bytes=300_000, latency_ms=0.5, speedup=4.0, sqnr_db=30.0, agreement=0.95)
    candidates.add(measured(late, 2.0))
    candidates.take_up_all()
    candidates.begin(begun(ORIGINAL, *CANDIDATES, late))
    assert candidates.found("5") is None
    candidates.take_up_all()
    assert candidates.found("5") == candidates.best == late


def test_the_best_of_a_search_that_has_ended_is_the_one_it_says(candidates):
    candidates.add(measured(CANDIDATES[2], 1.6))
    candidates.end(measured(CANDIDATES[3], 1.8))
    assert candidates.best == measured(CANDIDATES[3], 1.8)
    assert candidates.found("3") == measured(CANDIDATES[2], 1.6)


def test_what_could_not_be_made_is_counted_and_not_drawn(candidates):
    candidates.add(Judged(5, (2, 2), failed="No rank saves anything."))
    candidates.take_up_all()
    assert (candidates.judged, candidates.failed, len(candidates.trials)) == (6, 1, 4)


def test_a_recipe_is_what_the_genes_of_a_candidate_ask_for(candidates):
    recipe = candidates.recipe(CANDIDATES[3])  # genes (1, 1)
    assert recipe.seed == 7
    assert recipe.layers["/block/inner/conv1"].prune == 0.25
    assert recipe.layers["/head/classifier"].bits == 16


def test_a_flood_is_taken_up_in_parts_and_told_at_intervals(qtbot, qapp):
    candidates, told = Candidates(), []
    candidates.changed.connect(lambda: told.append(len(candidates.trials)))
    candidates.forget(LIMITS)
    many = [Judged(number, (0, 0), bytes=1000 + number, latency_ms=1.0) for number in range(3 * AT_ONCE + 1)]
    candidates.begin(begun(*many))
    assert told == [0]
    assert candidates.judged == len(many)
    qtbot.waitUntil(lambda: told[-1] == len(many) - 1, timeout=5000)
    assert told == [0, AT_ONCE - 1, 2 * AT_ONCE - 1, 3 * AT_ONCE - 1, 3 * AT_ONCE]


def test_side_by_side_there_are_not_more_lines_than_can_be_told_apart(candidates, monkeypatch):
    monkeypatch.setattr("desktop_app.ui.searching.pictures.MOST_LINES", 3)
    candidates.select(["1"])
    picture = picture_of(candidates)
    assert picture is not None
    shown = {one.trial.id for one in lines_of(candidates, picture).lines}
    assert "1" in shown
    assert {dot.trial.id for dot in picture.dots if dot.on_front} <= shown
    assert len(shown) == 3


def test_where_none_keeps_the_budget_the_front_is_that_of_all(qapp):
    candidates = Candidates()
    candidates.forget(BudgetLimits(bytes=1000))
    candidates.begin(begun(ORIGINAL, *CANDIDATES))
    candidates.take_up_all()
    picture = picture_of(candidates)
    assert picture is not None
    assert not any(dot.feasible for dot in picture.dots)
    assert {dot.trial.id for dot in picture.dots if dot.on_front} >= {"2", "4"}
    assert picture.line
