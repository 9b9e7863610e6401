from desktop_app.core.reach import LONGEST, reach


def test_bars_and_usual_intervals_are_seen_whole():
    assert reach([1.0, 2.0], [1.2, 2.3]) == 2.3
    assert reach([3.0], [1.0]) == 3.0


def test_one_wide_interval_does_not_make_the_bars_flat():
    assert reach([1.0, 2.0], [40.0]) == 2.0 * LONGEST


def test_there_is_a_height_where_there_is_nothing_to_see():
    assert reach([], []) == 1.0
    assert reach([0.0], []) == 1.0
