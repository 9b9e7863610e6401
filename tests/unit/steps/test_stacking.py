import numpy as np
import pytest

from desktop_app.core.stack import Stack
from desktop_app.steps.factorisation.objective import Objective
from desktop_app.steps.factorisation.stacking import compose, onto_lower, onto_upper, stack_kernels

RNG = np.random.default_rng(0)
FIVE = Stack(((3, 3), (3, 3)), (1, 1), (1, 1))
SEVEN = Stack(((3, 3),) * 3, (1, 1), (1, 1))
STRIDED = Stack(((3, 3), (2, 3)), (2, 1), (1, 1))


def objective(weight: np.ndarray, *, on_data=True) -> Objective:
    unknowns = weight[0].size
    reads = RNG.normal(size=(2 * unknowns, unknowns)) * np.exp(RNG.normal(size=unknowns))
    return Objective(weight.reshape(len(weight), -1), reads.T @ reads / len(reads) if on_data else None)


@pytest.mark.parametrize("step", [(1, 1), (2, 1)])
def test_the_ways_back_are_adjoint(step):
    upper, lower = RNG.normal(size=(4, 3, 3, 2)), RNG.normal(size=(3, 5, 3, 3))
    whole = compose(upper, lower, step)
    other = RNG.normal(size=whole.shape)
    inner = np.sum(whole * other)
    assert np.sum(lower * onto_lower(upper, other, (3, 3), step)) == pytest.approx(inner)
    assert np.sum(upper * onto_upper(other, lower, (3, 2), step)) == pytest.approx(inner)


@pytest.mark.parametrize("stack", [FIVE, SEVEN, STRIDED])
@pytest.mark.parametrize("on_data", [True, False])
def test_more_turns_are_never_worse_and_better_than_the_start(stack, on_data):
    goal = objective(RNG.normal(size=(6, 4, *stack.whole)), on_data=on_data)
    errors = [goal.error(stack_kernels(goal, stack, 6, sweeps).dense) for sweeps in (0, 1, 4, 12)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.8 * errors[0] < 0.8 * goal.energy


def test_what_is_wide_enough_loses_nothing():
    goal = objective(RNG.normal(size=(5, 1, 5, 5)))
    found = stack_kernels(goal, FIVE, 9, 0)
    assert goal.error(found.dense) < 1e-5 * goal.energy


def test_the_kernels_together_are_what_they_are_said_to_be():
    found = stack_kernels(objective(RNG.normal(size=(6, 4, 7, 7))), SEVEN, 5, 2)
    first, second, third = found.links
    whole = compose(third, compose(second, first, (1, 1)), (1, 1))
    assert np.allclose(whole.reshape(6, -1), found.dense)
    assert [one.shape for one in found.links] == [(5, 4, 3, 3), (5, 5, 3, 3), (6, 5, 3, 3)]
