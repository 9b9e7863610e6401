from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.front import dominates, front

FEW = st.integers(0, 4).map(float)
"""So few figures that ties are common."""
POINTS = st.integers(1, 3).flatmap(lambda size: st.lists(st.tuples(*[FEW] * size), max_size=30))


@given(POINTS)
def test_nothing_beats_what_is_on_the_front_and_something_on_it_beats_all_else(points):
    best = front(points)
    assert bool(best) == bool(points)
    for place, point in enumerate(points):
        beaten = any(dominates(other, point) for other in points)
        assert beaten == (place not in best)
        assert not beaten or any(dominates(points[one], point) for one in best)


@given(POINTS, st.randoms())
def test_the_order_of_the_points_does_not_matter(points, random):
    shuffled = random.sample(points, len(points))
    assert sorted(points[one] for one in front(points)) == sorted(shuffled[one] for one in front(shuffled))


def test_equal_points_do_not_beat_each_other():
    assert front([(1.0, 2.0), (1.0, 2.0), (2.0, 2.0)]) == {0, 1}
