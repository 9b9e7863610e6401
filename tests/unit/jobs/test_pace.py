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
def test_another_stage_and_the_same_one_anew_begin_anew(pace: Pace, seconds: list[float], again: Progress) -> None:
    pace.seconds_left(Progress("calibrate", 0.9))
    seconds[0] = 100.0
    assert pace.seconds_left(again) is None
    seconds[0] = 102.0
    assert pace.seconds_left(Progress(again.stage, 0.4)) == pytest.approx(6.0), "a fifth in two seconds"


def test_the_time_of_a_stage_in_between_is_not_counted(pace: Pace, seconds: list[float]) -> None:
    pace.seconds_left(Progress("calibrate", 0.0))
    seconds[0] = 2.0
    pace.seconds_left(Progress("calibrate", 0.2))
    pace.seconds_left(Progress("measure", 0.0))
    seconds[0] = 60.0
    assert pace.seconds_left(Progress("calibrate", 0.2)) == pytest.approx(8.0)


def test_the_latest_pace_counts_most(pace: Pace, seconds: list[float]) -> None:
    for tick in range(11):
        seconds[0] = float(tick)
        pace.seconds_left(Progress("calibrate", 0.02 * tick))
    for tick in range(1, 11):
        seconds[0] = 10.0 + tick
        left = pace.seconds_left(Progress("calibrate", 0.2 + 0.04 * tick))
    assert left is not None
    assert 10.0 < left < 0.4 * 20 / 0.6, "it takes ten at the latest pace, and more at that of all of it"


def test_what_the_task_itself_says_goes_first(pace: Pace) -> None:
    assert pace.seconds_left(Progress("calibrate", 0.5, eta=3.0)) == 3.0
