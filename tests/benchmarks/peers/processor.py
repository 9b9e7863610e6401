"""The processor's time that models take, one thread each: other programs hardly touch it, unlike the clock's time.

It is what to go by on a busy computer; the clock's ratio, with its interval, is the one that counts on a quiet one.
"""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from desktop_app.graph.runtime import open_session
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds

BLOCKS, WARM_UP = 5, 3
"""Sessions are made afresh for every block: memory is laid out anew."""


def processor_ratios(paths: Sequence[Path], seconds: float) -> list[float]:
    """Each file's time over the first one's: the median over pairs of runs, interleaved."""
    pairs: list[np.ndarray] = []
    for block in range(BLOCKS):
        order = _order(len(paths), block)
        sessions = {index: open_session(paths[index]) for index in order}
        feeds = made_up_feeds(inputs_of(sessions[0]))
        end = perf_counter() + seconds / BLOCKS
        turn = 0
        while turn < WARM_UP + 2 or perf_counter() < end:
            taken = np.empty(len(paths))
            for index in _order(len(paths), turn):
                start = process_time()
                sessions[index].run(None, feeds)
                taken[index] = process_time() - start
            pairs += [taken / taken[0]] if turn >= WARM_UP else []
            turn += 1
    return [float(ratio) for ratio in np.median(pairs, axis=0)]


def _order(count: int, turn: int) -> range:
    return range(count) if turn % 2 == 0 else range(count - 1, -1, -1)
