"""Accuracy on labels, and fidelity to a reference, over a part of the data."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from msgspec import Struct

from desktop_app.bench.fidelity import FidelityMeter, class_numbers
from desktop_app.bench.machine import thread_count
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.progress import Progress, SilentToken, Token
from desktop_app.core.report import Fidelity
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data import DataSet, Samples

BATCH = 16
CHANCE_FACTOR = 1.5
"""An accuracy below so many times that of guessing says that the labels number other classes than the model."""
MIN_SAMPLES_FOR_DOUBT = 50


class Evaluation(Struct, frozen=True):
    """What was found.

    Attributes:
        samples: How many samples were run.
        accuracy: Share whose label is the model's first choice; None without labels or class scores.
        fidelity: To the reference; None without one.
        seconds_decoding: Time spent waiting for data.
        images_per_second: Speed of decoding; None where nothing was decoded.
        notes: What the user should know, a sentence each.
    """

    samples: int
    accuracy: float | None = None
    fidelity: Fidelity | None = None
    seconds_decoding: float = 0.0
    images_per_second: float | None = None
    notes: tuple[str, ...] = ()


def evaluate(
    model: Model | Path,
    data: DataSet,
    indices: Sequence[int],
    *,
    reference: Model | Path | None = None,
    threads: int = 0,
    token: Token | None = None,
) -> Evaluation:
    """Runs a model over samples.

    Args:
        model: What to evaluate.
        data: The data.
        indices: Which of its samples; take those that did not calibrate.
        reference: What to compare outputs with; the outputs stored in the data, if any, where None.
        threads: Threads inside an operator; 0 stands for one less than there are cores.
        token: Hears of progress; says when to stop.

    Raises:
        InvalidFileError: when ONNX Runtime refuses a model or the inputs, or the data cannot be read.
        InvalidRecipeError: when the labels do not fit the model.
        Cancelled: when the token says so.
    """
    token = token or SilentToken()
    session = open_session(model, threads=thread_count(threads))
    other = None if reference is None else open_session(reference, threads=thread_count(threads))
    names = [output.name for output in session.get_outputs()]
    meter, hits, samples, waiting = FidelityMeter(), _Hits(data.classes), 0, 0.0
    for batch, waited in _timed(data.batches(indices, BATCH)):
        waiting += waited
        token.check()
        count = _count(batch)
        with running():
            outputs = session.run(names, batch.inputs)
            expected = batch.outputs if other is None else dict(zip(names, other.run(names, batch.inputs), strict=True))
        known = [name for name in names if name in expected]
        if known:
            meter.add([expected[name] for name in known], [outputs[names.index(name)] for name in known], count)
        hits.add(outputs, batch.labels, count)
        samples += count
        token.report(Progress("evaluate", min(samples / max(len(indices), 1), 1.0)))
    return Evaluation(
        samples,
        hits.accuracy,
        meter.result(synthetic=data.synthetic),
        waiting,
        data.decoding.images_per_second,
        (*data.notes, *hits.notes),
    )


def _timed(batches: Iterator[Samples]) -> Iterator[tuple[Samples, float]]:
    """Each batch, and the seconds that it had to be waited for."""
    while True:
        start = perf_counter()
        batch = next(batches, None)
        if batch is None:
            return
        yield batch, perf_counter() - start


class _Hits:
    """Counts first choices that agree with the label."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._scores = 0
        self._hits = 0
        self._samples = 0
        self._unclear = False

    def add(self, outputs: Sequence[object], labels: np.ndarray | None, samples: int) -> None:
        """Adds a batch; the first output that tells classes counts."""
        if labels is None:
            return
        chosen = next((one for one in outputs if class_numbers(one, samples) is not None), None)
        numbers = class_numbers(chosen, samples)
        if numbers is None or not isinstance(chosen, np.ndarray):
            self._unclear = True
            return
        self._scores = chosen.size // samples
        if self._scores > 1 and labels.max() >= self._scores:
            raise InvalidRecipeError(
                f"The labels number {self._classes} classes, and the model tells {self._scores} apart: "
                "give the labels that the model was trained with."
            )
        self._hits += int(np.sum(numbers == labels))
        self._samples += samples

    @property
    def accuracy(self) -> float | None:
        """Share of hits; None where it cannot be told."""
        return self._hits / self._samples if self._samples else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the figure, if anything."""
        if self._unclear:
            return ("The model's outputs are no scores of classes, so the labels are not used.",)
        doubtful = self._samples >= MIN_SAMPLES_FOR_DOUBT and self._scores > 1
        if doubtful and self._hits * self._scores < CHANCE_FACTOR * self._samples:
            return (
                "The accuracy is no better than guessing: the labels may number the classes in another order than the "
                "model, or the preprocessing is not the model's.",
            )
        return ()


def _count(batch: Samples) -> int:
    """How many samples a batch holds: its labels, or the first axis that all inputs share; else one."""
    if batch.labels is not None:
        return len(batch.labels)
    lengths = {array.shape[0] for array in batch.inputs.values() if array.ndim}
    return lengths.pop() if len(lengths) == 1 else 1
