"""Which of several models is the fastest: a quick look, fair also on a busy machine.

A model whose run takes longer is interrupted by other programs more often, which makes it look slower than it is. On
one thread the processor's own time is told instead of that of the clock on the wall, and that is not interrupted.
"""

from collections.abc import Sequence
from time import perf_counter, thread_time

import numpy as np

from desktop_app.bench.latency import Feeds
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import held, open_session, running
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds

BLOCKS = 3
WARM_UP_RUNS, MIN_RUNS, MAX_RUNS = 2, 5, 60
QUANTILE = 0.25


def take_turns(
    models: Sequence[Model], *, threads: int, seconds: float, token: Token, feeds: Feeds | None = None
) -> list[float]:
    """Milliseconds of a run of each model, run in turns in fresh sessions.

    Args:
        models: What to compare; all have the same inputs.
        threads: Threads inside an operator.
        seconds: For all of it, about.
        token: Says when to stop.
        feeds: Inputs to run with; made-up ones for one sample if None.

    Raises:
        InvalidFileError: when ONNX Runtime does not run a model.
        InvalidRecipeError: when no input can be made up.
        Cancelled: when the token says so.
    """
    feeds = dict(feeds if feeds is not None else made_up_feeds(inputs_of(open_session(models[0])), models[0].shapes))
    contents = [held(model) for model in models]
    blocks = [_block(contents, threads, seconds / BLOCKS, token, feeds) for _ in range(BLOCKS)]
    return [1e3 * float(np.median([block[index] for block in blocks])) for index in range(len(models))]


def _block(models: Sequence[Model | bytes], threads: int, seconds: float, token: Token, feeds: Feeds) -> list[float]:
    clock = thread_time if threads == 1 else perf_counter
    sessions = [open_session(model, threads=threads) for model in models]
    taken: list[list[float]] = [[] for _ in models]
    end = perf_counter() + seconds
    for number in range(WARM_UP_RUNS + MAX_RUNS):
        token.check()
        for session, times in zip(sessions, taken, strict=True):
            start = clock()
            with running():
                session.run(None, feeds)
            times.append(clock() - start)
        if number >= WARM_UP_RUNS + MIN_RUNS - 1 and perf_counter() > end:
            break
    return [float(np.quantile(times[WARM_UP_RUNS:], QUANTILE)) for times in taken]
