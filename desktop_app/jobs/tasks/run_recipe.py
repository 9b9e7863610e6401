"""Carrying out a recipe."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Progress, Token
from desktop_app.inspection import summarise
from desktop_app.io.bundle import check_folder, write_run_folder
from desktop_app.io.data import DataSet
from desktop_app.jobs.history.store import History
from desktop_app.jobs.messages import RunFinished, RunRecipe
from desktop_app.jobs.opened import opened
from desktop_app.pipeline import Pipeline
from desktop_app.run import Run

_PIPELINE = Pipeline()
"""Kept for the next run: what it begins with in common with this one is not done again."""

SAMPLES_FOR_CHECK = 8
"""Of these the first that can be read goes with the model, for `infer.py` to check itself."""


def run(request: RunRecipe, token: Token) -> RunFinished:
    """Carries out a recipe on an opened model and leaves everything in the run's folder, or in the history.

    Raises:
        StudioError: when the recipe cannot be carried out, or its result cannot be written.
        Cancelled: when the token says so.
    """
    one = opened(request.snapshot)
    source = one.snapshot.source
    check_folder(Path(request.folder), (source,))
    run = Run(one.model, one.snapshot.sha256, one.snapshot.bytes, request.measuring, _PIPELINE)
    finished = run.carry_out(request.recipe, token)
    one.snapshot.check_unchanged()
    token.check()
    token.report(Progress("write", 0.0))
    written = write_run_folder(
        Path(request.folder),
        finished.model,
        finished.recipe,
        finished.report,
        sample_for_check(finished.data),
        name=source.name,
        sha256=one.snapshot.sha256,
        refuse=(source,),
        language=request.language,
    )
    summary = summarise(
        finished.model,
        name=written.path.name,
        path=str(written.path),
        sha256=written.sha256,
        file_bytes=written.bytes,
    )
    done = RunFinished(str(written.path), finished.recipe, finished.report, summary)
    return _kept(done, Path(request.history), one.snapshot.sha256, source.name) if request.history else done


def _kept(done: RunFinished, history: Path, sha256: str, name: str) -> RunFinished:
    """The run in the history; where it cannot be kept there, it is a run all the same, and says why."""
    try:
        return History(history).keep(done, sha256, name)
    except StudioError as error:
        return replace(done, not_kept=str(error))


def sample_for_check(data: DataSet) -> Mapping[str, np.ndarray] | None:
    """One batch that did not calibrate; None where the data has none."""
    indices = data.evaluation_indices[: max(SAMPLES_FOR_CHECK, data.fixed_batch or 1)]
    batch = next(data.batches(indices, 1), None)
    return None if batch is None else batch.inputs
