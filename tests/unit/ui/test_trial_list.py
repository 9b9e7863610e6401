import pytest

from desktop_app.core.report import Figures
from desktop_app.ui.run_list import as_trial
from desktop_app.ui.searching.candidates import Candidates
from desktop_app.ui.trial_list import Picture, TrialList
from tests.unit.ui.run_samples import kept_run

RUN = kept_run(1, 1, 0.9)


@pytest.fixture
def trials(qapp) -> TrialList:
    made = TrialList()
    made.trials, made.original = (as_trial(RUN),), RUN.original
    return made


def test_trials_are_selected_in_the_order_of_the_clicks(trials):
    told = []
    trials.selection_changed.connect(lambda: told.append(trials.selected))
    for one in ("b", "a", "b"):
        trials.toggle(one)
    trials.select(["a"])
    assert told == [("b",), ("b", "a"), ("a",)]


def test_axes_are_those_that_tell_most_until_others_are_chosen(trials):
    original: Figures = RUN.original
    assert [axis.id for axis in trials.axes(original)] == ["size", "accuracy"]
    trials.look(Picture(x="macs"))
    assert [axis.id for axis in trials.axes(original)] == ["macs", "accuracy"]


def test_candidates_forget_what_was_selected_and_how_they_were_looked_at(qapp):
    candidates = Candidates()
    candidates.select(["1"])
    candidates.look(Picture(x="macs"))
    candidates.forget()
    assert (candidates.selected, candidates.picture, candidates.original) == ((), Picture(), None)
