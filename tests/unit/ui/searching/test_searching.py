"""A search as the window knows it; the worker is in the hand of the test."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Signal

from desktop_app.core.budget import misses
from desktop_app.core.progress import Progress
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Report
from desktop_app.jobs.searches import SearchFinished
from desktop_app.ui.searching.searching import Searching
from desktop_app.ui.state import State
from desktop_app.ui.why_not import can_finish
from desktop_app.ui.work import Work
from tests.unit.ui.hand import Hand
from tests.unit.ui.run_samples import MACHINE
from tests.unit.ui.run_samples import ORIGINAL as WHOLE
from tests.unit.ui.searching.search_samples import BUDGET, CANDIDATES, LIMITS, ORIGINAL, begun, measured

KNOWN = (ORIGINAL, *CANDIDATES)
FINALS = Progress("finalists", 0.0, "#3")


class SearchHand(Hand):
    """A runner that tells of searches, too."""

    searched = Signal(object)


@pytest.fixture
def hand(qapp, tmp_path) -> SearchHand:
    made = SearchHand()
    made.host = SimpleNamespace(session=tmp_path)
    return made


@pytest.fixture
def searching(document, hand, settings_folder) -> Searching:
    return Searching(document, Work(hand), hand, SimpleNamespace(folder=""))


def found(best) -> SearchFinished:
    report = Report(WHOLE, WHOLE, None, MACHINE, {}, {}, (), ())
    return SearchFinished(best, misses(LIMITS, best), {}, KNOWN, (best,), 5, 0, Recipe(), report, {}, 1.0)


def test_who_finishes_a_search_has_the_best_measured_without_another_candidate(searching, hand):
    searching.start(BUDGET)
    hand.searched.emit(begun(*KNOWN))
    assert (hand.request.budget.time, searching.ending) == (600.0, False)
    searching.finish()
    assert (hand.request.budget.time, hand.request.budget.trials) == (None, 5)
    assert searching.ending


def test_finals_that_have_begun_are_not_begun_again(searching, hand):
    told = []
    searching.start(BUDGET)
    hand.searched.emit(begun(*KNOWN))
    hand.progress.emit(Progress("search", 0.5, ""))
    assert not searching.ending
    searching.changed.connect(lambda: told.append(searching.ending))
    hand.progress.emit(FINALS)
    hand.progress.emit(FINALS)
    assert told == [True]
    request = hand.request
    searching.finish()
    assert hand.request is request
    searching.pause()
    assert (searching.standing, searching.ending) == ("paused", False)


def test_a_search_is_finished_once_it_judges_candidates(searching, hand):
    searching.start(BUDGET)
    hand.progress.emit(Progress("sensitivity", 0.5, "conv1"))
    state = State(opened=True, searching=True, search_waits_for=searching.waits_for)
    assert can_finish(state) == "Wait until this is done: Sensitivity."
    hand.progress.emit(Progress("search", 0.0, "1"))
    assert not searching.waits_for
    hand.progress.emit(FINALS)
    assert searching.waits_for == FINALS.stage
    searching.pause()
    searching.go_on()
    assert searching.waits_for == "sensitivity"  # the lead may have layers left to try


def test_a_search_that_ends_by_itself_soon_is_not_brought_to_its_end():
    assert can_finish(State(opened=True)) == "No search is going on."
    assert not can_finish(State(opened=True, searching=True))
    assert can_finish(State(opened=True, searching=True, search_waits_for=FINALS.stage)) == (
        "Wait until this is done: Measure the best."
    )


def test_the_verdict_is_that_of_the_finals_that_came_to_their_end(searching, hand):
    searching.start(BUDGET)
    hand.searched.emit(begun(*KNOWN))
    hand.progress.emit(FINALS)
    hand.searched.emit(measured(CANDIDATES[2], 1.6))
    searching.pause()
    assert searching.candidates.best == measured(CANDIDATES[2], 1.6)
    searching.go_on()
    hand.searched.emit(begun(*KNOWN))
    hand.progress.emit(FINALS)
    missed = measured(CANDIDATES[2], 1.4)
    hand.searched.emit(missed)
    hand.finished.emit(found(missed))
    assert searching.found.missed
    assert searching.candidates.best == searching.found.best == missed
