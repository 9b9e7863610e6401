import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.stats.histogram import BINS, VALUES_PER_SAMPLE, HistogramAccumulator

VALUES = st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20), min_size=1, max_size=6)


@given(VALUES)
def test_every_value_is_counted_in_its_bin_whatever_came_before(chunks: list[list[float]]) -> None:
    accumulator = HistogramAccumulator()
    for chunk in chunks:
        accumulator.add(np.array([chunk], np.float32))
    values = np.concatenate([np.array(chunk, np.float32) for chunk in chunks]).astype(np.float64)
    found = accumulator.result()
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.start <= found.low
    assert found.stop >= found.high
    assert found.counts.sum() == len(values)
    width = (found.stop - found.start) / BINS
    for threshold in np.linspace(found.start, found.stop, 5):
        below = found.counts[: round((threshold - found.start) / width)].sum()
        near = 2.0 * width + 1e-6 * max(abs(found.start), abs(found.stop))
        assert (values < threshold - near).sum() <= below <= (values < threshold + near).sum()


def test_what_is_not_finite_is_left_out() -> None:
    accumulator = HistogramAccumulator()
    accumulator.add(np.array([[1.0, np.nan, np.inf, -np.inf, 2.0]], np.float32))
    accumulator.add(np.array([[np.nan]], np.float32))
    found = accumulator.result()
    assert (found.low, found.high, found.counts.sum()) == (1.0, 2.0, 2)


def test_nothing_seen_is_an_empty_histogram() -> None:
    assert not HistogramAccumulator().result().counts.any()


def test_large_tensors_are_thinned_out_but_their_ends_are_exact() -> None:
    values = np.random.default_rng(0).standard_normal((2, 16 * VALUES_PER_SAMPLE)).astype(np.float32)
    accumulator = HistogramAccumulator()
    accumulator.add(values)
    found = accumulator.result()
    assert (found.low, found.high) == (values.min(), values.max())
    assert VALUES_PER_SAMPLE <= found.counts.sum() <= 4 * VALUES_PER_SAMPLE
