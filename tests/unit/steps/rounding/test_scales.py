import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.steps.rounding.gptq import round_rows
from desktop_app.steps.rounding.moments import damped, error_of
from desktop_app.steps.rounding.scales import refit, search

SEEDS = st.integers(0, 2**32 - 1)


def error(rows, scales, importance=1.0):
    levels = scales.levels(rows.shape[1])
    return float((importance * np.square(levels.values(levels.nearest(rows)) - rows)).sum())


def found(rows, block=16, *, asymmetric=False, half=False, importance=1.0, bits=4):
    ends = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return search(rows, block, *ends, np.asarray(importance), asymmetric=asymmetric, half=half)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.sampled_from([8, 4, 2]), st.booleans())
def test_the_searched_scale_is_never_worse_than_the_one_of_the_whole_range(seed, bits, asymmetric):
    rows = np.random.default_rng(seed).standard_t(3, (3, 32))
    scales = found(rows, 32, asymmetric=asymmetric, bits=bits)
    reach = -scales.low
    plain = np.abs(rows).max(axis=1, keepdims=True) / reach
    if asymmetric:
        plain = (np.maximum(rows.max(axis=1), 0) - np.minimum(rows.min(axis=1), 0))[:, None] / (2 * reach - 1)
        zero = np.clip(np.rint(-reach - np.minimum(rows.min(axis=1, keepdims=True), 0) / plain), -reach, reach - 1)
    else:
        extreme = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
        plain, zero = np.where(extreme > 0, -plain, plain), 0
    integers = np.clip(np.rint(rows / plain + zero), scales.low, scales.high)
    assert error(rows, scales) <= np.square((integers - zero) * plain - rows).sum() * (1 + 1e-4)


def test_an_uneven_range_pays_where_weights_have_one_sign():
    rows = np.random.default_rng(0).uniform(0, 1, (4, 64))
    assert error(rows, found(rows, asymmetric=True)) < 0.4 * error(rows, found(rows))


def test_the_error_counts_by_importance():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(8, 32))
    importance = np.where(np.arange(32) < 4, 1.0, 1e-3)
    weighed, plain = found(rows, 32, importance=importance), found(rows, 32)
    assert error(rows, weighed, importance) < error(rows, plain, importance)
    assert error(rows, plain) < error(rows, weighed)


def test_zeros_get_the_scale_one_and_small_weights_no_half_precision():
    assert np.all(found(np.zeros((2, 16))).scale == 1.0)
    rows = np.random.default_rng(2).normal(size=(4, 32))
    assert found(rows, half=True).dtype == np.float16
    tiny = found(rows * 1e-5, half=True)
    assert tiny.dtype == np.float32
    assert error(rows * 1e-5, tiny) < 2e-10 * error(rows, found(rows))


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.booleans())
def test_refitted_scales_lose_no_more(seed, asymmetric):
    rng = np.random.default_rng(seed)
    rows, mixed = rng.normal(size=(2, 4, 32)), rng.normal(size=(2, 32, 32)) + 1
    moments = damped(mixed @ mixed.transpose(0, 2, 1))
    scales = found(rows.reshape(8, 32), 8, asymmetric=asymmetric, half=True)

    def lost(one, integers):
        levels = one.levels(32)
        values = levels.values(integers.reshape(8, 32)).reshape(rows.shape)
        return error_of(rows - values, moments)

    levels = scales.levels(32)
    shaped = type(levels)(levels.low, levels.high, levels.scale.reshape(rows.shape), levels.zero.reshape(rows.shape))
    integers = round_rows(rows, moments, shaped)
    again = refit(rows, moments, scales, integers)
    assert np.all(lost(again, integers) <= lost(scales, integers) * (1 + 1e-9))
    assert np.array_equal(again.scale, again.scale.astype(np.float16))
