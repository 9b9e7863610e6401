import pytest
from msgspec.structs import replace

from desktop_app.jobs.messages import RunFinished
from desktop_app.ui.run_list import REMEMBERED, RunList
from tests.unit.ui.run_samples import kept_run, whole_run

ONE, TWO = kept_run(1, 1, 0.9), kept_run(2, 2, 0.95)


@pytest.fixture
def runs(qapp) -> RunList:
    made = RunList()
    made.put([ONE, TWO])
    return made


def loose(summary, name="a") -> RunFinished:
    """A run that could not be kept."""
    return replace(
        whole_run(ONE, summary), model=f"/session/{name}/model.onnx", kept=None, not_kept="The disk is full."
    )


def test_a_finished_run_is_shown_and_selected(runs, summary):
    third = kept_run(3, 3, 0.9)
    runs.add(whole_run(third, summary))
    assert runs.kept == (ONE, TWO, third)
    assert runs.shown == third
    assert runs.selected == (third.id,)
    assert runs.shown_run.kept == third


def test_a_run_that_is_not_kept_is_there_until_the_window_goes(runs, summary):
    run = runs.add(loose(summary))
    assert run.number == 3
    runs.put([ONE])
    assert [one.number for one in runs.kept] == [1, 3]
    assert runs.is_loose(run.id)
    assert runs.shown == run


def test_a_run_that_another_window_deleted_is_neither_selected_nor_shown_any_more(runs, summary):
    runs.show(TWO.id, whole_run(TWO, summary))
    runs.select([ONE.id, TWO.id])
    runs.put([ONE])
    assert runs.selected == (ONE.id,)
    assert runs.shown is None
    assert runs.shown_run is None


def test_signals_come_only_when_something_changed(runs, summary):
    told = []
    runs.changed.connect(lambda: told.append("changed"))
    runs.selection_changed.connect(lambda: told.append("selected"))
    runs.shown_changed.connect(lambda: told.append("shown"))
    runs.put([TWO, ONE])
    runs.select([])
    assert told == []
    runs.select([ONE.id, ONE.id])
    runs.show(ONE.id, whole_run(ONE, summary))
    runs.show(ONE.id, whole_run(ONE, summary))
    runs.put([replace(ONE, pinned=True), TWO])
    assert told == ["selected", "shown", "changed", "shown"]


def test_only_so_many_whole_runs_stay_in_memory_and_the_shown_one_among_them(runs, summary):
    runs.show(ONE.id, whole_run(ONE, summary))
    for number in range(10, 30):
        runs.remember(f"run{number}", whole_run(kept_run(number, 1, 0.9), summary))
    assert sum(runs.whole(f"run{number}") is not None for number in range(30)) == REMEMBERED
    assert runs.shown_run is not None
    assert runs.whole("run29") is not None


def test_another_model_has_other_runs(runs, summary):
    runs.add(loose(summary))
    runs.forget()
    assert (runs.kept, runs.selected, runs.shown, runs.original) == ((), (), None, None)
    runs.put([TWO])
    assert runs.kept == (TWO,)
