import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop_app.core.trial import Limits
from desktop_app.ui.plots.axes import BY_ID, known, usual
from desktop_app.ui.plots.parallel import height_at, path
from desktop_app.ui.plots.signs import legend
from desktop_app.ui.plots.tradeoff import corners, parallel, trade_off
from desktop_app.ui.run_list import as_trial
from tests.unit.ui.run_samples import ORIGINAL, kept_run

SIZE, ACCURACY, SPEED = BY_ID["size"], BY_ID["accuracy"], BY_ID["speedup"]
TRIALS = tuple(
    as_trial(kept_run(number, *spot))
    for number, spot in enumerate([(1, 0.90), (2, 0.94), (2.5, 0.93), (3, 0.96), (5, 0.955)], start=1)
)


def picture(limits=Limits(), only=False, axes=(SIZE, ACCURACY), trials=TRIALS):  # noqa: B008
    return trade_off(trials, axes, ORIGINAL, limits, only)


def front_of(shown) -> list[str]:
    return [dot.trial.title for dot in shown.dots if dot.on_front]


def test_the_front_is_what_neither_a_run_nor_the_original_beats():
    shown = picture()
    assert front_of(shown) == ["#1", "#2", "#4"]
    assert shown.original == (4.0, 95.0)
    assert shown.line == ((1, 90), (2, 90), (2, 94), (3, 94), (3, 96))


def test_the_original_beats_runs_that_lose_for_nothing():
    trials = (as_trial(kept_run(1, 4.5, 0.94)),)
    assert front_of(picture(trials=trials)) == []
    assert picture(trials=trials).line == ()


def test_more_is_better_where_the_axis_says_so():
    faster = [as_trial(kept_run(number, 1, *spot)) for number, spot in enumerate([(0.94, 2), (0.90, 3), (0.9, 2)], 1)]
    shown = picture(axes=(SPEED, ACCURACY), trials=faster)
    assert front_of(shown) == ["#1", "#2"]
    assert shown.line == ((1, 95), (1, 94), (2, 94), (2, 90), (3, 90))
    assert shown.dots[0].x_interval == pytest.approx((1.8, 2.2))


def test_runs_beyond_the_limits_are_marked_or_hidden_and_beat_nothing():
    limits = Limits(most_lost=3)
    shown = picture(limits)
    assert [dot.trial.title for dot in shown.dots if not dot.feasible] == ["#1"]
    assert front_of(shown) == ["#2", "#4"]
    hidden = picture(limits, only=True)
    assert [dot.trial.title for dot in hidden.dots] == ["#2", "#3", "#4", "#5"]
    assert hidden.hidden == 1
    assert "1 hidden by the limits" in legend(hidden)


def test_a_run_without_one_of_the_figures_is_counted():
    trials = (*TRIALS, replace(TRIALS[0], id="x", speedup=None))
    shown = picture(axes=(SPEED, ACCURACY), trials=trials)
    assert (len(shown.dots), shown.left_out) == (5, 1)
    assert "1 without these figures" in legend(shown)


def test_latency_is_the_original_of_now_over_the_measured_ratio():
    trial = as_trial(kept_run(1, 1, 0.9, speedup=4.0))
    assert BY_ID["latency"].value(trial, ORIGINAL) == pytest.approx(2.5)
    assert BY_ID["latency"].interval(trial, ORIGINAL) == pytest.approx((10 / 4.4, 10 / 3.6))


def test_the_usual_axes_are_size_and_the_best_that_is_known_of_all_runs():
    assert [axis.id for axis in usual(TRIALS, ORIGINAL)] == ["size", "accuracy"]
    unlabelled = replace(TRIALS[0], compressed=replace(TRIALS[0].compressed, accuracy=None))
    assert [axis.id for axis in usual((*TRIALS, unlabelled), ORIGINAL)] == ["size", "agreement"]
    assert "memory" not in [axis.id for axis in known(TRIALS, ORIGINAL)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20))
def test_no_run_lies_beyond_the_staircase(spots):
    trials = tuple(as_trial(kept_run(n, 1 + x / 10, 0.9 + y / 100)) for n, (x, y) in enumerate(spots))
    shown = picture(trials=trials)
    for dot in shown.dots:
        reached = [y for x, y in shown.line if x <= dot.x + 1e-9]
        assert not reached or dot.y <= max(reached) + 1e-9
    xs = [x for x, _ in shown.line]
    assert xs == sorted(xs)


def test_the_staircase_of_one_spot_is_that_spot():
    assert corners([(1.0, 2.0)], SIZE) == ((1.0, 2.0),)


def test_side_by_side_the_best_is_on_top_whichever_way_is_better():
    shown = parallel(picture(), TRIALS, ORIGINAL)
    place = {axis.id: place for place, axis in enumerate(shown.axes)}
    assert "latency" not in place
    smallest, best = shown.lines[0], shown.lines[3]
    assert smallest.heights[place["size"]] == 1.0
    assert smallest.heights[place["accuracy"]] == 0.0
    assert best.heights[place["accuracy"]] == 1.0
    assert shown.ends[place["size"]] == (5.0, 1.0)
    assert shown.original[place["speedup"]] == 0.0
    assert shown.original[place["sqnr"]] is None
    assert [line.on_front for line in shown.lines] == [True, True, False, True, False]


def test_a_line_is_followed_between_its_axes_and_breaks_where_a_figure_is_missing():
    assert height_at((0.0, 1.0, None), 0.25) == 0.25
    assert height_at((0.0, 1.0, None), 1.5) is None
    assert height_at((0.0, 1.0), 3.0) is None
    x, y = path([(0.0, None, 1.0), (0.5, 0.5, 0.5)])
    assert len(x) == len(y) == 8
    assert [str(one) for one in y[:4]] == ["0.0", "nan", "1.0", "nan"]
