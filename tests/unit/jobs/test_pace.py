"""Time left, from how long the first part took."""

import pytest

from desktop_app.core.progress import Progress
from desktop_app.jobs.pace import Pace


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def pace(seconds: list[float]) -> Pace:
    return Pace(lambda: seconds[0])


def test_a_quarter_in_two_seconds_leaves_six(pace: Pace, seconds: list[float]) -> None:
    assert pace.seconds_left(Progress("calibrate", 0.0)) is None
    seconds[0] = 2.0
    assert pace.seconds_left(Progress("calibrate", 0.25)) == pytest.approx(6.0)


def test_nothing_is_told_too_early_or_of_what_is_done(pace: Pace, seconds: list[float]) -> None:
    pace.seconds_left(Progress("calibrate", 0.0))
    seconds[0] = 0.5
    assert pace.seconds_left(Progress("calibrate", 0.5)) is None
    seconds[0] = 5.0
    assert pace.seconds_left(Progress("calibrate", 0.01 + 0.5)) is not None
    assert pace.seconds_left(Progress("calibrate", 1.0)) is None


@pytest.mark.parametrize("again", [Progress("evaluate", 0.2), Progress("calibrate", 0.2)])
def test_another_stage_and_the_same_one_anew_begin_at_nought(pace: Pace, seconds: list[float], again: Progress) -> None:
    pace.seconds_left(Progress("calibrate", 0.9))
    seconds[0] = 100.0
    assert pace.seconds_left(again) is None
    seconds[0] = 102.0
    assert pace.seconds_left(Progress(again.stage, 0.5)) == pytest.approx(2.0)


def test_what_the_task_itself_says_goes_first(pace: Pace) -> None:
    assert pace.seconds_left(Progress("calibrate", 0.5, eta=3.0)) == 3.0
