import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.steps.int8.saturation import PAIR_LIMIT, largest_pair, make_pair_safe, multiply_saturating

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(1, 9), st.integers(1, 5))
def test_pair_safe_weights_are_multiplied_exactly(seed: int, depth: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    activations = rng.choice([0, 1, 254, 255], size=(6, depth)).astype(np.uint8)
    weights = make_pair_safe(rng.integers(-127, 128, (columns, depth))).T.astype(np.int8)
    exact = activations.astype(np.int64) @ weights.astype(np.int64)
    assert np.array_equal(multiply_saturating(activations, weights), exact)


@given(SEEDS, st.integers(1, 9))
def test_pair_safe_weights_keep_signs_and_change_only_what_must(seed: int, depth: int) -> None:
    rows = np.random.default_rng(seed).integers(-127, 128, (4, depth))
    safe = make_pair_safe(rows)
    assert largest_pair(safe) <= PAIR_LIMIT
    assert (np.abs(safe) <= np.abs(rows)).all()
    assert (safe * rows >= 0).all()
    assert np.array_equal(make_pair_safe(safe), safe)
    if largest_pair(rows) <= PAIR_LIMIT:
        assert np.array_equal(safe, rows)


def test_emulation_saturates_pairs_not_sums() -> None:
    activations = np.full((1, 4), 255, np.uint8)
    assert multiply_saturating(activations, np.full((4, 1), 127, np.int8))[0, 0] == 2 * 32767
    assert multiply_saturating(activations, np.full((4, 1), -128, np.int8))[0, 0] == 2 * -32768
    assert multiply_saturating(activations, np.array([[127], [0], [127], [0]], np.int8))[0, 0] == 2 * 255 * 127


def test_the_limit_is_the_largest_sum_that_fits() -> None:
    activations = np.full((1, 2), 255, np.uint8)
    fits, overflows = np.array([[64], [64]], np.int8), np.array([[65], [64]], np.int8)
    assert multiply_saturating(activations, fits)[0, 0] == 255 * PAIR_LIMIT
    assert multiply_saturating(activations, overflows)[0, 0] < 255 * (PAIR_LIMIT + 1)
