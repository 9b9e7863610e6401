from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.jobs.history.store import History
from desktop_app.ui.live import LiveRun
from desktop_app.ui.past_runs import PastRuns
from tests.unit.ui.run_samples import kept_run, whole_run


@pytest.fixture
def history(tmp_path) -> History:
    return History(tmp_path / "history")


@pytest.fixture
def keep(history, summary, tmp_path):
    """Keeps a run in the history, as the worker does."""
    count = iter(range(100))

    def kept(megabytes=1.0):
        folder = tmp_path / f"run{next(count)}"
        folder.mkdir()
        (folder / "model.onnx").write_bytes(b"model")
        (folder / "report.html").write_text("<html>")
        run = whole_run(kept_run(1, megabytes, 0.9), summary)
        return history.keep(replace(run, model=str(folder / "model.onnx"), kept=None), summary.sha256, summary.name)

    return kept


@pytest.fixture
def past(qtbot, document, history):
    made = PastRuns(document, LiveRun(), history)
    yield made
    made.shutdown()


def numbers(document) -> list[int]:
    return [run.number for run in document.runs.kept]


def test_runs_of_another_window_are_found(qtbot, document, past, keep):
    keep()
    past.refresh()
    qtbot.waitUntil(lambda: numbers(document) == [1])
    keep()
    past.refresh()
    qtbot.waitUntil(lambda: numbers(document) == [1, 2])


def test_a_run_is_read_and_shown_with_its_figures(qtbot, document, past, keep):
    run = keep(2.0)
    past.refresh()
    qtbot.waitUntil(lambda: numbers(document) == [1])
    past.show(run.kept.id)
    qtbot.waitUntil(lambda: document.run is not None)
    assert document.run == run
    assert [one.name for one in past._live.stages] == ["clean", "quantize_static"]


def test_a_run_watched_in_this_window_looks_as_it_looked(qtbot, document, past, keep):
    past._live.start()
    past._live.end("done")
    watched, other = keep(), keep()
    past.add(watched)
    qtbot.waitUntil(lambda: numbers(document) == [1, 2])
    past.show(other.kept.id)
    qtbot.waitUntil(lambda: document.run == other)
    assert past._live.stages
    past.show(watched.kept.id)
    assert document.run == watched
    assert past._live.stages == ()


def test_files_are_kept_for_good_and_let_go_again(qtbot, document, past, keep, history, summary):
    run = keep().kept
    past.refresh()
    qtbot.waitUntil(lambda: numbers(document) == [1])
    for wanted in (True, False):
        past.keep_files([run.id], wanted)
        assert document.runs.kept[0].pinned == wanted
        qtbot.waitUntil(lambda wanted=wanted: history.runs(summary.sha256).runs[0].pinned == wanted)


def test_a_deleted_run_is_gone_from_list_and_disk(qtbot, document, past, keep):
    run = keep()
    past.refresh()
    qtbot.waitUntil(lambda: numbers(document) == [1])
    past.delete([run.kept.id])
    qtbot.waitUntil(lambda: numbers(document) == [])
    assert not Path(run.model).exists()


def test_a_run_that_could_not_be_kept_says_why_and_stays_with_the_window(qtbot, document, past, summary):
    run = replace(whole_run(kept_run(1, 1, 0.9), summary), kept=None, not_kept="The disk is full.")
    with qtbot.waitSignal(past.failed) as told:
        past.add(run)
    assert told.args == ["The disk is full."]
    (kept,) = document.runs.kept
    assert past.page(kept.id) == Path(run.model).with_name("report.html")
    past.delete([kept.id])
    assert document.runs.kept == ()


def test_what_cannot_be_read_is_a_sentence_and_the_next_question_is_answered(qtbot, document, past, keep):
    run = keep()
    past.refresh()
    qtbot.waitUntil(lambda: numbers(document) == [1])
    (Path(run.model).parent / "run.json").write_text("damaged")
    with qtbot.waitSignal(past.failed) as told:
        past.show(run.kept.id)
    assert told.args[0].startswith("This run cannot be shown")
    assert document.run is None
    keep()
    past.refresh()
    qtbot.waitUntil(lambda: numbers(document) == [1, 2])
