"""Tests of the queue in front of the worker: what the user waits for, and what becomes of what is stopped."""

import pytest

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.measurements import ProfileModel
from desktop_app.jobs.messages import OpenModel, RunRecipe
from desktop_app.jobs.recipes import ReadRecipe
from desktop_app.ui.work import Task
from tests.unit.ui.hand import Hand

TIMING = Task(ProfileModel("/net.onnx"), "Timing", print, quiet=True)
READING = Task(ReadRecipe("/r.yaml"), "Reading", print, quiet=True)
RUNNING = Task(RunRecipe("/net.onnx", Recipe(), "/run"), "Running", print)
OPENING = Task(OpenModel("/net.onnx"), "Opening", print)


@pytest.fixture
def hand(qapp) -> Hand:
    made = Hand()
    made.slow = True
    return made


@pytest.fixture
def stopped(work) -> list[Task]:
    told: list[Task] = []
    work.stopped.connect(told.append)
    return told


def test_what_is_asked_for_is_wanted_before_quiet_work_has_made_room(work, hand):
    """Else a second press of the key, a moment later, would ask for it twice."""
    seen = []
    work.ask(TIMING)
    assert work.wanted is None
    work.changed.connect(lambda: seen.append(work.wanted))
    work.ask_first(RUNNING)
    assert (work.current, work.wanted) == (TIMING, RUNNING)
    assert seen == [RUNNING]
    hand.stopped.emit()
    assert work.current == work.wanted == RUNNING
    hand.finished.emit(None)
    assert work.wanted is None


def test_what_is_stopped_before_it_began_is_told(work, hand, stopped):
    work.ask(TIMING)
    work.ask_first(RUNNING)
    work.cancel()
    hand.stopped.emit()
    assert stopped == [RUNNING, TIMING]
    assert work.current is None
    assert hand.request == TIMING.request


def test_quiet_work_that_is_forgotten_for_something_else_is_told(work, stopped):
    work.ask(OPENING)
    work.ask(READING)
    work.ask_first(RUNNING)
    assert stopped == [READING]
    assert work.wanted == OPENING
