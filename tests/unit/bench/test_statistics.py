import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.bench.statistics import Interval, block_bootstrap, expanded_tail, student_quantile, verdict


@pytest.mark.parametrize(("freedom", "quantile"), [(4, 2.776), (5, 2.571), (9, 2.262), (30, 2.042), (10**6, 1.960)])
def test_student(freedom: int, quantile: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(quantile, abs=0.01)


def test_fewer_blocks_leave_out_less() -> None:
    tails = [expanded_tail(blocks) for blocks in (1, 5, 12, 10_000)]
    assert tails == sorted(tails)
    assert tails[0] == 0
    assert tails[-1] == pytest.approx(0.025, rel=0.01)


@settings(max_examples=10)
@given(st.integers(0, 1000), st.integers(1, 8), st.integers(1, 20))
def test_the_median_lies_in_its_interval_and_repeats(seed: int, blocks: int, values: int) -> None:
    data = list(np.random.default_rng(seed).lognormal(size=(blocks, values)))
    interval = block_bootstrap(data, seed)
    assert interval == block_bootstrap(data, seed)
    assert interval.low <= interval.median <= interval.high
    assert interval.median == np.median(np.concatenate(data))


def test_blocks_of_different_length_are_taken_whole_for_the_median() -> None:
    assert block_bootstrap([np.array([1.0, 1.0, 9.0]), np.array([9.0, 9.0])]).median == 9.0


def _noisy_ratios(generator: np.random.Generator, truth: float, blocks: int = 5, pairs: int = 40) -> list[np.ndarray]:
    """Ratios as they are measured: sessions shift a whole block, neighbours' bursts spoil single turns."""
    shift = generator.normal(0, 0.02, (blocks, 1))
    jitter = generator.normal(0, 0.03, (blocks, pairs))
    bursts = generator.normal(0, 0.6, (blocks, pairs)) * (generator.random((blocks, pairs)) < 0.1)
    return list(truth * np.exp(shift + jitter + bursts))


def test_equal_models_are_hardly_ever_called_faster() -> None:
    generator = np.random.default_rng(0)
    intervals = [block_bootstrap(_noisy_ratios(generator, 1.0), seed) for seed in range(40)]
    assert sum(verdict(interval).startswith("faster") for interval in intervals) <= 2


def test_real_differences_are_seen_through_the_noise() -> None:
    generator = np.random.default_rng(1)
    intervals = [block_bootstrap(_noisy_ratios(generator, 1.25), seed) for seed in range(10)]
    assert all(verdict(interval).startswith("faster") for interval in intervals)
    assert all(interval.low < 1.25 < interval.high for interval in intervals)
    assert all(math.log(interval.high / interval.low) < 0.3 for interval in intervals)


def test_verdicts() -> None:
    assert verdict(Interval(1.02, 0.99, 1.05)) == "no measurable difference"
    assert verdict(Interval(1.005, 1.002, 1.008)) == "no measurable difference"
    assert verdict(Interval(1.5, 1.4, 1.6)) == "faster: 1.50 times the speed"
    assert verdict(Interval(0.5, 0.4, 0.6)) == "slower: 2.00 times the time"
