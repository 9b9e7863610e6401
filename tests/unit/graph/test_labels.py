import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.graph.labels import Labels


def _components(size: int, pairs: list[tuple[int, int]]) -> list[int]:
    """The smallest label of each label's component, by repeated relaxation."""
    roots = list(range(size))
    for _ in range(size):
        for left, right in pairs:
            roots[left] = roots[right] = min(roots[left], roots[right])
    return roots


@given(st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_joined_labels_have_the_smallest_of_them_as_root(case: tuple[int, list[tuple[int, int]]]) -> None:
    size, pairs = case
    labels = Labels()
    labels.fresh(size)
    for left, right in pairs:
        labels.join(np.array([left]), np.array([right]))
    assert labels.resolve().roots.tolist() == _components(size, pairs)


def test_fresh_labels_are_new() -> None:
    labels = Labels()
    assert labels.fresh(3).tolist() == [0, 1, 2]
    assert labels.fresh(2).tolist() == [3, 4]


def test_a_pin_holds_for_all_that_is_joined_and_the_first_reason_counts() -> None:
    labels = Labels()
    first, second = labels.fresh(3), labels.fresh(3)
    labels.pin(second[:1], "first")
    labels.pin(first[:2], "second")
    labels.join(first, second)
    resolved = labels.resolve()
    assert resolved.pinned.tolist() == [0, 1, 2, 0, 1, 2]
    assert resolved.reasons == ("first", "second")
