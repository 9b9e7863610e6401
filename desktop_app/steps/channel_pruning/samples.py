"""Calibration samples for methods that go through them again and again, layer by layer."""

from collections.abc import Iterator, Sequence

import numpy as np

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.graph.runnable import runnable
from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session
from desktop_app.stats.calibration import Batch, Calibration

FAILURES: tuple[type[Exception], ...] = (StudioError, *RUNTIME_ERRORS)
"""What a model raises that cannot be run on the samples."""

MAX_INPUT_BYTES = 192 * 2**20
"""The samples are kept for the many passes; those beyond this are left out."""

HELD_OUT = 4
"""Of so many samples one judges what was found on the others."""


def kept_batches(calibration: Calibration) -> list[Batch]:
    """The first samples, as many as may be kept."""
    kept: list[Batch] = []
    size = 0
    for batch in calibration.batches():
        size += sum(array.nbytes for array in batch.values())
        if kept and size > MAX_INPUT_BYTES:
            break
        kept.append(dict(batch))
    return kept


def run_for(model: Model, names: Sequence[str], batches: Sequence[Batch], token: Token) -> Iterator[Batch]:
    """Values of a model for every batch."""
    session = open_session(runnable(model, {}, names))
    inputs = {value.name for value in session.get_inputs()}
    for batch in batches:
        token.check()
        feed = {name: array for name, array in batch.items() if name in inputs}
        yield dict(zip(names, session.run(list(names), feed), strict=True))


def count(batch: Batch) -> int:
    """How many samples there are in a batch: the first axis of its first input that has one."""
    return next((len(array) for array in batch.values() if array.ndim), 1)


def is_held_out(first: int, samples: int) -> np.ndarray:
    """For each of some samples, of which the first has that number, whether it only judges."""
    held_out: np.ndarray = (first + np.arange(samples)) % HELD_OUT == HELD_OUT - 1
    return held_out


def held_out(batches: Sequence[Batch], most: int) -> list[Batch]:
    """The samples that judge, up to so many; the whole first batch where samples cannot be told apart."""
    chosen: list[Batch] = []
    first = found = 0
    for batch in batches:
        samples = count(batch)
        if any(not array.ndim or len(array) != samples for array in batch.values()):
            return [*batches[:1]]
        index = np.flatnonzero(is_held_out(first, samples))[: most - found]
        first += samples
        found += index.size
        if index.size:
            chosen.append({name: array[index] for name, array in batch.items()})
    return chosen or [*batches[:1]]
