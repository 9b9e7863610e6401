"""Medians with honest intervals: the bootstrap over blocks and over the pairs in them."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from msgspec import Struct

RESAMPLES = 4000
CHUNKS = 8
"""The resamples are drawn in so many parts, to bound the memory."""
CONFIDENCE = 0.95
RESOLUTION = 0.01
"""Two sessions of one model differ by nearly so much, however long they are measured: less is never claimed."""


class Interval(Struct, frozen=True):
    """A median and its 95 % interval."""

    median: float
    low: float
    high: float


def block_bootstrap(blocks: Sequence[np.ndarray], seed: int = 0) -> Interval:
    """The median of all values, with an interval that knows that values of one block go together.

    Blocks are drawn with replacement, then values within each drawn block (Davison and Hinkley, 1997, section 3.8). As
    there are few blocks, the percentiles are expanded by what Student's t demands for so many
    (Hesterberg, 2015, "What teachers should know about the bootstrap", section 5.3).

    Args:
        blocks: The values of each block; at least one block, none of them empty.
        seed: Of the resampling.
    """
    generator = np.random.default_rng(seed)
    medians = np.concatenate([_resampled_medians(blocks, RESAMPLES // CHUNKS, generator) for _ in range(CHUNKS)])
    tail = expanded_tail(len(blocks))
    low, high = np.quantile(medians, (tail, 1 - tail))
    median = float(np.median(np.concatenate(blocks)))
    return Interval(median, min(float(low), median), max(float(high), median))


def _resampled_medians(blocks: Sequence[np.ndarray], count: int, generator: np.random.Generator) -> np.ndarray:
    """Medians of `count` draws; every drawn block gives as many values, however many it has."""
    values = np.concatenate(blocks)
    lengths = np.array([len(block) for block in blocks])
    starts = np.cumsum(lengths) - lengths
    chosen = generator.integers(0, len(blocks), (count, len(blocks), 1))
    share = generator.random((count, len(blocks), int(lengths.max())))
    drawn = values[starts[chosen] + (share * lengths[chosen]).astype(np.int64)]
    return np.asarray(np.median(drawn.reshape(count, -1), axis=1))


def expanded_tail(blocks: int) -> float:
    """Share of the bootstrap distribution to leave out at each end for an interval that covers 95 % with few blocks."""
    if blocks < 2:
        return 0.0
    z = student_quantile(1 - (1 - CONFIDENCE) / 2, blocks - 1) * (blocks / (blocks - 1)) ** 0.5
    return NormalDist().cdf(-z)


def student_quantile(share: float, freedom: int) -> float:
    """Quantile of Student's t, by the expansion of Cornish and Fisher (Abramowitz and Stegun, 26.7.5)."""
    z = NormalDist().inv_cdf(share)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return float(sum(term / freedom**power for power, term in enumerate(terms)))


def verdict(ratio: Interval) -> str:
    """What may be claimed of a ratio of the original's time to another's."""
    if ratio.low <= 1.0 <= ratio.high or abs(ratio.median - 1.0) < RESOLUTION:
        return "no measurable difference"
    if ratio.median > 1.0:
        return f"faster: {ratio.median:.2f} times the speed"
    return f"slower: {1 / ratio.median:.2f} times the time"
