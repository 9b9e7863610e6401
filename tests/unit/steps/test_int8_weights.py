import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from desktop_app.steps.int8.saturation import PAIR_LIMIT, largest_pair
from desktop_app.steps.int8.weights import QuantizedWeight, quantize_weight

WEIGHTS = hnp.arrays(np.float32, (3, 4, 1, 3), elements=st.floats(-8, 8, width=32))
NO_FLOOR = np.zeros(3)


def restored(weight: QuantizedWeight) -> np.ndarray:
    shape = [1] * weight.stored.ndim
    shape[weight.axis] = -1
    return weight.stored * weight.scales.reshape(shape)


@given(WEIGHTS)
def test_error_is_at_most_that_of_the_plain_scale(array: np.ndarray) -> None:
    weight = quantize_weight(array, 0, (2, 3, 1), pair_safe=False, floor=NO_FLOOR)
    largest = np.abs(array).max(axis=(1, 2, 3))
    plain = np.where(largest > 0, largest, largest.max() or 1.0) / 127
    rounded = np.rint(array / np.maximum(plain, 1e-20).reshape(-1, 1, 1, 1)) * plain.reshape(-1, 1, 1, 1)
    assert np.square(restored(weight) - array).sum() <= np.square(rounded - array).sum() * 1.001 + 1e-12
    assert weight.stored.dtype == np.int8
    assert (weight.scales > 0).all()


@given(WEIGHTS)
def test_pairs_along_the_packed_axes_fit(array: np.ndarray) -> None:
    weight = quantize_weight(array, 0, (2, 3, 1), pair_safe=True, floor=NO_FLOOR)
    packed = weight.stored.transpose(0, 2, 3, 1).reshape(3, -1)
    assert largest_pair(packed) <= PAIR_LIMIT


def test_pair_safe_error_is_that_of_seven_bits_at_most() -> None:
    array = np.random.default_rng(0).standard_normal((8, 64)).astype(np.float32)
    safe = quantize_weight(array, 0, (1,), pair_safe=True, floor=np.zeros(8))
    scale = np.abs(array).max(axis=1, keepdims=True) / 64
    seven_bits = np.rint(array / scale) * scale
    assert np.square(restored(safe) - array).sum() < 0.7 * np.square(seven_bits - array).sum()


@pytest.mark.parametrize("pair_safe", [False, True])
def test_dead_channels_take_the_scale_of_the_others(pair_safe: bool) -> None:
    array = np.zeros((3, 2), np.float32)
    array[1] = [1.0, -0.25]
    weight = quantize_weight(array, 0, (1,), pair_safe=pair_safe, floor=NO_FLOOR)
    assert np.abs(restored(weight) - array).max() < 0.005
    assert (weight.scales[[0, 2]] > 1e-3).all()


def test_scales_stay_above_the_floor() -> None:
    floor = np.array([0.5, 0.0, 0.0])
    weight = quantize_weight(np.full((3, 2), 1e-3, np.float32), 0, (1,), pair_safe=False, floor=floor)
    assert weight.scales[0] == 0.5
    assert weight.scales[1] < 1e-4


def test_last_axis_of_output_channels() -> None:
    array = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
    weight = quantize_weight(array, 1, (0,), pair_safe=True, floor=NO_FLOOR)
    assert weight.scales.shape == (3,)
    assert largest_pair(weight.stored.T) <= PAIR_LIMIT
    assert np.abs(restored(weight) - array).max() < 0.04


@given(hnp.arrays(np.float32, (3, 10), elements=st.integers(-5000, 5000).map(lambda n: np.float32(n / 1000))))
def test_few_bits_use_all_their_levels_and_no_more(array: np.ndarray) -> None:
    weight = quantize_weight(array, 0, (1,), pair_safe=True, floor=np.zeros(3), bits=4)
    assert weight.bits == 4
    assert weight.stored.min() >= -8
    assert weight.stored.max() <= 7
    largest = np.abs(array).max(axis=1, keepdims=True).astype(np.float64)
    step = np.where(largest > 0, largest, 1.0) / 7
    plain = np.clip(np.rint(array / step), -8, 7) * step
    error, naive = (np.square(one - array, dtype=np.float64).sum(axis=1) for one in (weight.values(), plain))
    assert (error <= naive * 1.001 + 1e-6 * largest[:, 0] ** 2).all()
