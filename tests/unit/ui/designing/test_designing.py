"""A design as the window knows it; the worker is in the hand of the test."""

import pytest

from desktop_app.core.data import DataSettings
from desktop_app.core.progress import Progress
from desktop_app.jobs.messages import Failed, Opened, OpenModel
from desktop_app.ui import operations
from desktop_app.ui.designing.designing import Designing
from desktop_app.ui.work import Task
from tests.unit.ui.designing.design_samples import ASKED, FOUND


@pytest.fixture
def designing(document, work, settings_folder) -> Designing:
    operations.set_data(document, DataSettings(path="/pictures"))
    return Designing(document, work)


def test_a_student_is_asked_for_with_the_data_of_the_recipe_and_found(designing, hand):
    ended = []
    designing.ended.connect(lambda: ended.append(designing.standing))
    designing.start(ASKED, "/out")
    assert (hand.request.snapshot, hand.request.design, hand.request.folder) == ("/snapshot", ASKED, "/out")
    assert hand.request.data.path == "/pictures"
    assert designing.working
    hand.progress.emit(Progress("supernet", 0.5, "step 1 of 2, loss 0.1"))
    assert [stage.name for stage in designing.live.stages] == ["supernet"]
    hand.finished.emit(FOUND)
    assert ended == ["finished"]
    assert designing.found is FOUND
    assert not designing.live.running
    designing.put_away()
    assert (designing.standing, designing.found, designing.design) == ("none", None, ASKED)


def test_progress_of_other_work_is_not_its_own(designing, hand, work):
    work.ask(Task(OpenModel("/net.onnx"), "Opening", lambda _: None))
    hand.progress.emit(Progress("open", 0.5))
    assert designing.live.stages == ()


def test_who_stops_is_told_what_is_kept_and_can_ask_for_the_same(designing, hand):
    designing.start(ASKED, "/out")
    hand.progress.emit(Progress("search", 0.5))
    designing.stop()
    assert designing.standing == "stopped"
    assert "it goes on" in designing.sentence
    designing.start(ASKED, "/out")
    assert (designing.sentence, designing.working) == ("", True)


def test_a_design_that_failed_says_why(designing, hand):
    designing.start(ASKED, "/out")
    hand.failed.emit(Failed("There are too few samples to train on: give at least two more than calibrate."))
    assert designing.standing == "failed"
    assert designing.sentence.startswith("There are too few samples")
    assert not designing.live.running


def test_another_model_has_other_students(designing, hand, document, summary):
    designing.start(ASKED, "/out")
    hand.finished.emit(FOUND)
    document.show(Opened(summary, "/other"))
    assert (designing.standing, designing.found, designing.design) == ("none", None, None)
