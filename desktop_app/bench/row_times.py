"""Time of every row of the layer table in several models at once: each with all that it takes around the layer."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import onnxruntime as ort

from desktop_app.bench.latency import Feeds
from desktop_app.bench.profile import attribute, node_owners, read_profile
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds

WARM_UP_RUNS, MIN_RUNS, MAX_RUNS = 2, 5, 40
QUANTILE = 0.25
"""Other programs only ever make a run slower: see `kernels`."""


def row_times(
    models: Sequence[Model], *, threads: int, seconds: float, token: Token, feeds: Feeds | None = None
) -> list[dict[str, float]]:
    """Layer name to microseconds, for each model; the models run in turns.

    Args:
        models: Models whose layers bear the same names.
        threads: Threads inside an operator.
        seconds: For all of it, about.
        token: Says when to stop.
        feeds: Inputs to run with; made-up ones for one sample if None.

    Raises:
        InvalidFileError: when ONNX Runtime does not run a model.
        InvalidRecipeError: when no input can be made up.
        Cancelled: when the token says so.
    """
    with TemporaryDirectory(prefix="compression-studio-") as folder:
        sessions = [
            open_session(model, threads=threads, profile_to=Path(folder) / str(number))
            for number, model in enumerate(models)
        ]
        given = feeds if feeds is not None else made_up_feeds(inputs_of(sessions[0]), models[0].shapes)
        end = perf_counter() + seconds
        for number in range(WARM_UP_RUNS + MAX_RUNS):
            token.check()
            for session in sessions:
                with running():
                    session.run(None, dict(given))
            if number >= WARM_UP_RUNS + MIN_RUNS - 1 and perf_counter() > end:
                break
        return [_typical(session, model) for session, model in zip(sessions, models, strict=True)]


def _typical(session: ort.InferenceSession, model: Model) -> dict[str, float]:
    owners = node_owners(model)
    runs = [attribute(events, owners) for events in read_profile(Path(session.end_profiling()))[WARM_UP_RUNS:]]
    names = dict.fromkeys(name for times in runs for name in times)
    return {name: float(np.quantile([times.get(name, 0.0) for times in runs], QUANTILE)) for name in names}
