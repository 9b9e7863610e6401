import pytest

from desktop_app.ui.countdown import Countdown


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def countdown(seconds) -> Countdown:
    return Countdown(lambda: seconds[0])


def test_it_runs_down_by_the_clock_and_not_below_nought(countdown, seconds):
    assert countdown.left() is None
    countdown.hear("low_rank", 10.0)
    seconds[0] = 4.0
    assert countdown.left() == 6.0
    seconds[0] = 40.0
    assert countdown.left() == 0.0


def test_sooner_is_believed_at_once(countdown):
    countdown.hear("low_rank", 10.0)
    countdown.hear("low_rank", 5.0)
    assert countdown.left() == 5.0


def test_a_little_later_is_not_told_and_much_later_only_when_it_stays_so(countdown, seconds):
    countdown.hear("low_rank", 10.0)
    countdown.hear("low_rank", 12.0)
    assert countdown.left() == 10.0
    countdown.hear("low_rank", 60.0)
    assert countdown.left() == 10.0, "one estimate may be wrong"
    seconds[0] = 2.5
    countdown.hear("low_rank", 58.0)
    assert countdown.left() == 58.0


def test_estimates_that_swing_are_shown_as_a_time_that_runs_down(countdown, seconds):
    shown = []
    for tick in range(100):
        seconds[0] = tick / 10
        countdown.hear("low_rank", max(0.0, 20 - seconds[0] + (1.5 if tick % 2 else -1.5)))
        shown.append(countdown.left())
    assert shown == sorted(shown, reverse=True)


def test_another_stage_begins_anew(countdown):
    countdown.hear("low_rank", 1.0)
    countdown.hear("measure", None)
    assert countdown.left() is None
    countdown.hear("measure", 30.0)
    assert countdown.left() == 30.0
