import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.stats.histogram import HistogramAccumulator
from desktop_app.stats.requests import Histogram
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.ranges import METHODS, choose_range

FINITE = st.floats(-1e6, 1e6)


def histogram_of(values: np.ndarray) -> Histogram:
    accumulator = HistogramAccumulator()
    accumulator.add(values.astype(np.float32)[None])
    return accumulator.result()


@pytest.mark.parametrize("method", METHODS)
def test_range_lies_within_what_was_seen_and_holds_zero(method: str) -> None:
    values = np.random.default_rng(0).standard_normal(10_000) + 0.5
    low, high = choose_range(histogram_of(values), method)
    assert values.min() - 1e-3 <= low < 0 < high <= values.max() + 1e-3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [np.zeros(8), np.full(8, 3.0), np.full(8, -2.0), np.array([])])
def test_constant_activations(method: str, values: np.ndarray) -> None:
    low, high = choose_range(histogram_of(values), method)
    assert low == pytest.approx(values.min(initial=0.0))
    assert high == pytest.approx(values.max(initial=0.0))


@pytest.mark.parametrize("method", ["percentile", "entropy"])
def test_a_single_outlier_is_cut(method: str) -> None:
    values = np.append(np.random.default_rng(0).uniform(0, 1, 16_000), 8.0)
    low, high = choose_range(histogram_of(values), method)
    assert low == 0.0
    assert 0.5 < high < 4.0


@pytest.mark.parametrize("tail", [2, 3, 100])
def test_mse_rounds_no_worse_than_any_other_method(tail: int) -> None:
    values = np.random.default_rng(0).standard_t(tail, 16_000)

    def error(method: str) -> float:
        affine = Affine.of_range(*choose_range(histogram_of(values), method))
        stored = np.clip(np.rint(values / affine.scale) + affine.zero_point, 0, 255)
        return float(np.square((stored - affine.zero_point) * affine.scale - values).sum())

    assert error("mse") <= 1.05 * min(error(method) for method in METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_a_spike_at_zero_does_not_cut_the_rest(method: str) -> None:
    values = np.concatenate([np.zeros(12_000), np.random.default_rng(0).uniform(0, 6, 4_000)])
    assert choose_range(histogram_of(values), method)[1] > 4.5


@given(FINITE, FINITE)
def test_affine_represents_zero_exactly_and_the_ends_nearly(one: float, other: float) -> None:
    low, high = sorted((one, other))
    affine = Affine.of_range(low, high)
    step = float(affine.scale)
    assert (affine.stored(0.0) - int(affine.zero_point)) * step == 0.0
    if max(high, 0.0) - min(low, 0.0) > 1e-30:
        assert abs(affine.low - min(low, 0.0)) <= 0.51 * step
        assert abs(affine.high - max(high, 0.0)) <= 0.51 * step


def test_a_range_of_zero_width_has_scale_one() -> None:
    assert Affine.of_range(0.0, 0.0) == Affine(np.float32(1.0), np.uint8(0))
