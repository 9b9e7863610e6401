from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.steps.truth.shortest import cheaper_first

PAIR = st.tuples(st.integers(0, 20), st.integers(0, 20))


def cost_of(states: tuple[int, ...], costs: list[tuple[int, int]], changes: list[tuple[int, int]]) -> int:
    total = sum(cost[state] for cost, state in zip(costs, states, strict=True))
    for (before, after), (rise, fall) in zip(pairwise(states), changes[1:], strict=True):
        total += rise if after > before else fall if after < before else 0
    return total


@given(st.lists(st.tuples(PAIR, PAIR), min_size=1, max_size=7))
def test_no_other_way_is_cheaper(places: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    costs, changes = [one for one, _ in places], [one for _, one in places]
    path = cheaper_first(costs, changes)
    least = min(cost_of(states, costs, changes) for states in product((0, 1), repeat=len(places)))
    assert path.cost == least == cost_of(path.states, costs, changes)


def test_nothing_is_changed_for_nothing() -> None:
    assert cheaper_first([(5, 5), (5, 5)], [(1, 1), (1, 1)]).states == (1, 1)
    assert cheaper_first([], []).states == ()
