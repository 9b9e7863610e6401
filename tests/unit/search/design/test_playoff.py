"""Nets play off: half of them is left after each round, and all are taught as long."""

from collections import Counter

import pytest

from desktop_app.search.design.playoff import ROUND, play_off


class Net:
    """Learns to some loss, at its own pace."""

    def __init__(self, start: float, pace: float) -> None:
        self.start, self.pace, self.steps = start, pace, 0

    def taught(self, steps: int) -> float:
        self.steps += steps
        return self.start - self.pace * self.steps


def played(nets: list[Net], steps: int, told: list[tuple[int, int]] | None = None) -> int:
    def rehearse(net: Net, steps: int, number: int, lessons: int) -> float:
        if told is not None:
            told.append((number, lessons))
        return net.taught(steps)

    return play_off(nets, steps, rehearse)


def test_the_one_that_learns_best_is_left_though_it_was_not_the_most_promising() -> None:
    nets = [Net(1.0, 0.01), Net(1.1, 0.02), Net(1.2, 0.03), Net(9.0, 0.04)]
    assert played(nets, 400) == 2
    each = round(ROUND * 400)
    assert Counter(one.steps for one in nets) == {each: 2, 2 * each: 2}


@pytest.mark.parametrize(("count", "steps"), [(1, 400), (4, 0)])
def test_nobody_is_taught_where_there_is_nothing_to_compare_or_no_time(count: int, steps: int) -> None:
    nets = [Net(1.0, 0.01) for _ in range(count)]
    assert played(nets, steps) == 0
    assert all(one.steps == 0 for one in nets)


def test_three_nets_and_few_steps_will_do() -> None:
    nets = [Net(3.0, 1.0), Net(1.0, 1.0), Net(2.0, 1.0)]
    assert played(nets, 2) == 1
    assert [one.steps for one in nets] == [1, 1, 1]


@pytest.mark.parametrize(("count", "lessons"), [(2, 2), (3, 3), (4, 6), (5, 7), (8, 14)])
def test_it_says_which_lesson_of_how_many_it_is(count: int, lessons: int) -> None:
    told = list[tuple[int, int]]()
    played([Net(1.0, 0.01 * place) for place in range(count)], 80, told)
    assert told == [(number, lessons) for number in range(lessons)]
