"""A finished run as files: its model, recipe and reports in a folder, what is told of them, and the history."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from desktop_app.core.errors import StudioError
from desktop_app.inspection import summarise
from desktop_app.io.bundle import write_run_folder
from desktop_app.io.data import DataSet
from desktop_app.io.snapshot import Snapshot
from desktop_app.io.writer import Written
from desktop_app.jobs.history.store import History
from desktop_app.jobs.messages import RunFinished
from desktop_app.run import Finished

SAMPLES_FOR_CHECK = 8
"""Of these the first that can be read goes with the model, for `infer.py` to check itself."""


def write_finished(finished: Finished, snapshot: Snapshot, folder: Path, language: str) -> Written:
    """Writes a run into its folder.

    Args:
        finished: The run.
        snapshot: Of the model that was compressed.
        folder: The folder; what an earlier run has left there is replaced.
        language: In which the report for people is written.

    Raises:
        StudioError: when the model that was compressed has changed since, or the folder cannot be written.
    """
    snapshot.check_unchanged()
    return write_run_folder(
        folder,
        finished.model,
        finished.recipe,
        finished.report,
        _sample_for_check(finished.data),
        name=snapshot.source.name,
        sha256=snapshot.sha256,
        refuse=(snapshot.source,),
        language=language,
    )


def told(finished: Finished, written: Written) -> RunFinished:
    """What is told of a run that was written."""
    path = written.path
    summary = summarise(finished.model, name=path.name, path=str(path), sha256=written.sha256, file_bytes=written.bytes)
    return RunFinished(str(path), finished.recipe, finished.report, summary)


def kept(done: RunFinished, history: str, snapshot: Snapshot) -> RunFinished:
    """The run in the history; where it cannot be kept there, it is a run all the same, and says why."""
    try:
        return History(Path(history)).keep(done, snapshot.sha256, snapshot.source.name)
    except StudioError as error:
        return replace(done, not_kept=str(error))


def _sample_for_check(data: DataSet) -> Mapping[str, np.ndarray] | None:
    """One batch that did not calibrate; None where the data has none."""
    indices = data.evaluation_indices[: max(SAMPLES_FOR_CHECK, data.fixed_batch or 1)]
    batch = next(data.batches(indices, 1), None)
    return None if batch is None else batch.inputs
