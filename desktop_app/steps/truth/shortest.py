"""The cheapest way through a row of places that can each be in one of two states."""

from collections.abc import Sequence
from typing import NamedTuple


class Path(NamedTuple):
    """The state of every place, and what all of it costs."""

    states: tuple[int, ...]
    cost: float


def cheaper_first(costs: Sequence[tuple[float, float]], changes: Sequence[tuple[float, float]]) -> Path:
    """The states of least cost (Viterbi, 1967); of equal ones that with more places in state 1.

    Args:
        costs: Of each place in state 0 and in state 1.
        changes: Of each place when it is in state 1 after one in state 0, and in state 0 after one in state 1; those of
            the first place do not matter.
    """
    if not costs:
        return Path((), 0.0)
    totals, choices = list(costs[0]), list[tuple[int, int]]()
    for (off, on), (rise, fall) in zip(costs[1:], changes[1:], strict=True):
        to_off = (totals[0], totals[1] + fall)
        to_on = (totals[0] + rise, totals[1])
        choices.append((int(to_off[1] <= to_off[0]), int(to_on[1] <= to_on[0])))
        totals = [min(to_off) + off, min(to_on) + on]
    state = int(totals[1] <= totals[0])
    states = [state]
    for choice in reversed(choices):
        state = choice[state]
        states.append(state)
    return Path(tuple(reversed(states)), min(totals))


def cost_along(
    states: Sequence[int], costs: Sequence[tuple[float, float]], changes: Sequence[tuple[float, float]]
) -> float:
    """What given states cost; arguments as in `cheaper_first`."""
    total = sum(own[state] for own, state in zip(costs, states, strict=True))
    for before, after, (rise, fall) in zip(states, states[1:], changes[1:], strict=False):
        total += (rise if after else fall) if before != after else 0.0
    return total


def longest_start(
    states: Sequence[int], costs: Sequence[tuple[float, float]], changes: Sequence[tuple[float, float]], most: float
) -> int:
    """How many places from the first on can be in state 0, the others as given, for a cost of at most `most`."""
    lengths = range(len(states), 0, -1)
    return next((n for n in lengths if cost_along((*[0] * n, *states[n:]), costs, changes) <= most), 0)
