"""One pass over the data for all who ask, in constant memory."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from math import prod

import numpy as np
import onnxruntime as ort

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.graph.runnable import runnable
from desktop_app.graph.runtime import open_session
from desktop_app.stats.accumulators import ACCUMULATORS
from desktop_app.stats.calibration import Batch
from desktop_app.stats.requests import Statistic, StatisticRequest

MEMORY_CAP = 256 * 2**20
COMFORTABLE = 32 * 2**20
"""Bytes of observed values above which runs over more samples at a time are not faster, only larger."""


def collect(
    model: Model,
    requests: Collection[StatisticRequest],
    batches: Iterable[Batch],
    token: Token,
    *,
    memory_cap: int = MEMORY_CAP,
) -> dict[StatisticRequest, Statistic]:
    """Collects statistics of the model's values while it runs over the batches once.

    What is asked for is read from as many values at a time as fit under the cap: first the batches are cut into fewer
    samples, and where one sample is still too much, the model runs again for another group of values.

    Args:
        model: The model whose values are asked for.
        requests: What to collect; order does not matter.
        batches: Inputs, samples on the first axis.
        token: Hears how many samples are done; says when to stop.
        memory_cap: Bytes that the observed values of one run may take together.

    Raises:
        Cancelled: when the token says so.
        StudioError: when a value does not exist or the model cannot be run.
    """
    accumulators = {request: ACCUMULATORS[request.kind](request) for request in requests}
    names = sorted({request.tensor for request in accumulators})
    inputs = {value.name or "" for value in model.graph.inputs}
    sizes = {name: _bytes_per_sample(model, name) for name in names}
    groups = _grouped([name for name in names if name not in inputs], sizes, memory_cap)
    chunk = max(min(memory_cap, COMFORTABLE) // max(sum(sizes.values()), 1), 1)
    sessions = [_session_for(model, group) for group in groups]
    done = 0
    for batch in cut_batches(model, batches, chunk):
        token.check()
        for values in (batch, *(_run(session, group, batch) for session, group in zip(sessions, groups, strict=True))):
            for request, accumulator in accumulators.items():
                if request.tensor in values and values[request.tensor].size:
                    accumulator.add(values[request.tensor])
        done += samples_in(batch)
        token.report(Progress("calibrate", 0.0, f"{done} samples"))
    return {request: accumulator.result() for request, accumulator in accumulators.items()}


def _session_for(model: Model, names: Sequence[str]) -> ort.InferenceSession:
    """Runs what the values depend on and nothing behind them."""
    made = {value.name for node in model.graph for value in node.outputs}
    return open_session(runnable(model, {}, names)) if made.issuperset(names) else open_session(model, outputs=names)


def _run(session: ort.InferenceSession, names: Sequence[str], batch: Batch) -> Batch:
    wanted = {value.name for value in session.get_inputs()}
    feed = {name: array for name, array in batch.items() if name in wanted}
    return dict(zip(names, session.run(list(names), feed), strict=True))


def _bytes_per_sample(model: Model, name: str) -> int:
    """Of a float value; unknown dimensions count as one, unknown shapes as nothing."""
    return 4 * prod(max(size, 1) for size in model.shapes.get(name, ()))


def _grouped(names: Sequence[str], sizes: dict[str, int], cap: int) -> list[list[str]]:
    """Runs of names whose values for one sample fit under the cap together; too large a value stands alone."""
    groups: list[list[str]] = []
    free = 0
    for name in names:
        if not groups or sizes[name] > free:
            groups.append([])
            free = cap
        groups[-1].append(name)
        free -= sizes[name]
    return groups


def cut_batches(model: Model, batches: Iterable[Batch], samples: int) -> Iterator[Batch]:
    """The batches in pieces of at most so many samples; uncut where the model demands a batch size of its own."""
    for batch in batches:
        whole = samples_in(batch)
        if whole <= samples or not takes_any_batch(model):
            yield batch
            continue
        for start in range(0, whole, samples):
            yield {name: np.ascontiguousarray(array[start : start + samples]) for name, array in batch.items()}


def first_samples(batches: Iterable[Batch], samples: int) -> Iterator[Batch]:
    """Whole batches, until there are so many samples or more."""
    for batch in batches:
        yield batch
        samples -= samples_in(batch)
        if samples <= 0:
            return


def samples_in(batch: Batch) -> int:
    """How many samples a batch holds: its longest first axis."""
    return max((len(array) for array in batch.values() if array.ndim), default=0)


def takes_any_batch(model: Model) -> bool:
    """Whether the first axis of every input is left open by the model."""
    shapes = [value.shape for value in model.graph.inputs if value.name not in model.graph.initializers]
    return all(shape is not None and len(shape) > 0 and not isinstance(shape[0], int) for shape in shapes)
