import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.steps.int8.saturation import PAIR_LIMIT, largest_pair
from desktop_app.steps.rounding.gptq import round_rows
from desktop_app.steps.rounding.levels import Levels
from desktop_app.steps.rounding.limits import PairLimit, Pinned
from desktop_app.steps.rounding.moments import DAMPING, damped, error_of

SEEDS = st.integers(0, 2**32 - 1)


def layer(seed, outputs=6, inputs=24, groups=()):
    """Weights, and the moments of inputs that go together, as those of neighbouring pixels do."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(*groups, inputs, inputs)) + 2.0
    return rng.normal(size=(*groups, outputs, inputs)), mixed @ np.swapaxes(mixed, -1, -2) / inputs


def grid(weights, limit=7):
    return Levels.symmetric(limit, np.abs(weights).max(axis=-1, keepdims=True) / limit)


def lost(weights, integers, levels, moments):
    return float(error_of(weights - levels.values(integers), damped(moments)).sum())


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 5), st.integers(1, 70))
def test_integers_of_the_grid_lose_no_more_than_the_nearest(seed, outputs, inputs):
    weights, moments = layer(seed, outputs, inputs)
    levels = grid(weights)
    integers = round_rows(weights, moments, levels)
    assert np.array_equal(integers, np.rint(integers))
    assert np.abs(integers).max() <= 7
    nearest = lost(weights, levels.nearest(weights), levels, moments)
    assert lost(weights, integers, levels, moments) <= nearest * (1 + 1e-9) + 1e-12


def test_loses_several_times_less_than_the_nearest_where_inputs_go_together():
    weights, moments = layer(0, 32, 96)
    levels = grid(weights)
    nearest = lost(weights, levels.nearest(weights), levels, moments)
    assert lost(weights, round_rows(weights, moments, levels), levels, moments) < nearest / 3
    unpolished = round_rows(weights, moments, levels, sweeps=0)
    assert lost(weights, unpolished, levels, moments) < nearest / 2


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_no_other_integer_in_one_place_would_lose_less(seed):
    weights, moments = layer(seed, 3, 8)
    levels = grid(weights, 3)
    integers = round_rows(weights, moments, levels, sweeps=100)
    best = error_of(weights - levels.values(integers), damped(moments))
    for place in range(8):
        for other in range(-3, 4):
            changed = integers.copy()
            changed[:, place] = other
            assert np.all(error_of(weights - levels.values(changed), damped(moments)) >= best - 1e-9)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_inputs_that_do_not_go_together_are_rounded_to_the_nearest(seed):
    weights, _ = layer(seed)
    levels = grid(weights)
    moments = np.diag(np.random.default_rng(seed).uniform(0.0, 3.0, 24))
    assert np.array_equal(round_rows(weights, moments, levels), levels.nearest(weights))


def test_inputs_that_are_always_zero_or_equal_do_no_harm():
    weights, moments = layer(3)
    moments[5], moments[:, 5] = 0.0, 0.0
    moments[7], moments[:, 7] = moments[6], moments[:, 6]
    moments[7, 7] = moments[6, 6]
    levels = grid(weights)
    integers = round_rows(weights, moments, levels, damping=0.0)
    assert np.array_equal(integers[:, 5], levels.nearest(weights)[:, 5])
    assert np.array_equal(round_rows(weights, np.zeros((24, 24)), levels), levels.nearest(weights))


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 33))
def test_neighbours_of_one_sign_never_sum_above_the_bound(seed, inputs):
    weights, moments = layer(seed, 4, inputs)
    order = np.random.default_rng(seed).permutation(inputs)
    levels = grid(weights, 127)
    integers = round_rows(weights, moments, levels, limits=[PairLimit(order, PAIR_LIMIT)])
    assert largest_pair(integers[:, order]) <= PAIR_LIMIT
    assert np.abs(integers).max() <= 127


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_pruned_weights_stay_zero_and_the_others_make_up_for_them(seed):
    weights, moments = layer(seed)
    mask = np.random.default_rng(seed).random(weights.shape) < 0.4
    pruned = np.where(mask, 0.0, weights)
    zero = np.full((6, 1), 3.0)
    levels = Levels(0, 15, np.abs(weights).max(axis=1, keepdims=True) / 7, zero)
    pinned = Pinned(mask[None], zero[None])
    integers = round_rows(weights, moments, levels, limits=[pinned])
    assert np.all(levels.values(integers)[mask] == 0)
    assert lost(weights, integers, levels, moments) <= lost(weights, levels.nearest(pruned), levels, moments) + 1e-9


def test_groups_are_rounded_as_if_each_were_alone():
    weights, moments = layer(5, 2, 9, (4,))
    levels = Levels.blocked(-8, 7, np.full((4, 2, 3), 0.3), np.ones((4, 2, 3)), 9)
    together = round_rows(weights, moments, levels)
    for group in range(4):
        own = Levels(-8, 7, levels.scale[group], levels.zero[group])
        assert np.array_equal(round_rows(weights[group], moments[group], own), together[group])


def test_moments_that_are_not_finite_are_refused():
    weights, moments = layer(1)
    moments[0, 0] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        round_rows(weights, moments, grid(weights))


def test_damping_is_a_share_of_the_mean_energy():
    assert np.allclose(damped(np.diag([1.0, 3.0])), np.diag([1.0, 3.0]) + 2 * DAMPING * np.eye(2))
