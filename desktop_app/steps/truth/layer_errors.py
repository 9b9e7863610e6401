"""How far every layer's output is from what it was, in a model as it was compressed: all changes together.

Both models run once on a few samples, with the outputs of their layers open, and noise is summed up layer by layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log10, prod

import numpy as np

from desktop_app.bench.fidelity import CAP_DB, is_numeric
from desktop_app.bench.machine import thread_count
from desktop_app.core.language import Words
from desktop_app.core.progress import Token
from desktop_app.core.report import LayerError, LayerErrors
from desktop_app.graph.counterparts import Pair, Reading, pairs
from desktop_app.graph.extracting import up_to
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data import DataSet
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import cut_batches, samples_in
from desktop_app.steps.base import Kept

SAMPLES = 16
"""So many samples at most: their outputs have numbers enough."""

MOST_MACS = 2 * 10**10
"""Multiply-accumulates of both models over all samples: about a second. One sample runs in any case."""

MOST_BYTES, AT_ONCE_BYTES = 256 * 2**20, 64 * 2**20
"""Of all open outputs of both models: for one batch at most, and above this samples run one after another."""

MOST_WEIGHTS = 2**30
"""Bytes of weights above which a model is not loaded once more for this."""

OTHER_SHAPE: Words = "Its output has another shape now, and which part of it stayed is not known."
NO_NUMBERS: Words = "Its output is no array of numbers."


@dataclass
class _Sum:
    """Power of the signal and of the noise so far."""

    signal: float = 0.0
    noise: float = 0.0
    reason: Words = ""

    def error(self) -> LayerError:
        return LayerError(reason=self.reason) if self.reason else LayerError(_decibel(self.signal, self.noise))


def layer_errors(
    original: Model, compressed: Model, kept: Mapping[str, Kept], data: DataSet, token: Token
) -> LayerErrors:
    """Measures the error of every layer's output.

    Args:
        original: The model as opened, or that with the same outputs from which the steps went on.
        compressed: What was made of it.
        kept: Own outputs of layers of which positions were cut out, and which of them stayed.
        data: Samples; of those that did not calibrate a few are used.
        token: Says when to stop.

    Raises:
        Cancelled: when the token says so.
        InvalidFileError: when ONNX Runtime cannot run a model.
    """
    found = tuple(pairs(original, compressed))
    open_pairs = [pair for pair in found if not pair.reason]
    each = 2 * sum(_bytes(original, pair.first) for pair in open_pairs)
    indices = data.evaluation_indices[: _samples(original, data)]
    whole = 1 if data.fixed_batch is None else data.fixed_batch
    if each * whole > MOST_BYTES or _weights(original) > MOST_WEIGHTS:
        return LayerErrors({}, 0, data.synthetic, "The model is too large to open it behind every layer.")
    if not open_pairs or not indices:
        return LayerErrors({pair.layer: LayerError(reason=pair.reason) for pair in found}, 0, data.synthetic)
    sums = {pair.layer: _Sum() for pair in open_pairs}
    at_once = max(min(len(indices), AT_ONCE_BYTES // max(each, 1)), 1)
    samples = _run(original, compressed, open_pairs, kept, _batches(original, data, indices, at_once), sums, token)
    errors = {pair.layer: LayerError(reason=pair.reason) if pair.reason else sums[pair.layer].error() for pair in found}
    return LayerErrors(errors, samples, data.synthetic)


def _batches(model: Model, data: DataSet, indices: Sequence[int], at_once: int) -> list[Batch]:
    return list(cut_batches(model, (one.inputs for one in data.batches(indices, len(indices))), at_once))


def _run(
    original: Model,
    compressed: Model,
    places: Sequence[Pair],
    kept: Mapping[str, Kept],
    batches: Sequence[Batch],
    sums: Mapping[str, _Sum],
    token: Token,
) -> int:
    """Adds up all batches; gives how many samples there were."""
    first = _Opened(original, [Reading(pair.first) for pair in places])
    second = _Opened(compressed, [pair.second for pair in places])
    samples = 0
    for batch in batches:
        token.check()
        before, after = first.values(batch), second.values(batch)
        for pair in places:
            _add(sums[pair.layer], before[Reading(pair.first)], after[pair.second], kept.get(pair.own, ()))
        samples += samples_in(batch)
    return samples


class _Opened:
    """A model that gives the values of places in it."""

    def __init__(self, model: Model, places: Sequence[Reading]) -> None:
        self._places = tuple(dict.fromkeys(places))
        self._names = list(dict.fromkeys(place.value for place in self._places))
        self._session = open_session(up_to(model, self._names), threads=thread_count(0), outputs=self._names)
        self._inputs = {value.name for value in self._session.get_inputs()}

    def values(self, batch: Batch) -> dict[Reading, object]:
        """Place to what it holds, as floats."""
        with running():
            given = self._session.run(self._names, {name: batch[name] for name in self._inputs})
        by_name = dict(zip(self._names, given, strict=True))
        return {place: _numbers(by_name[place.value], place) for place in self._places}


def _numbers(array: object, place: Reading) -> object:
    if place.scale is None or not isinstance(array, np.ndarray):
        return array
    return (array.astype(np.float32) - np.float32(place.zero)) * np.float32(place.scale)


def _add(total: _Sum, before: object, after: object, kept: Kept) -> None:
    """Adds the power of a layer's signal and noise on a batch."""
    if not (isinstance(before, np.ndarray) and isinstance(after, np.ndarray) and is_numeric(before)):
        total.reason = NO_NUMBERS
        return
    if any(
        mask is not None and (axis >= before.ndim or mask.size != before.shape[axis]) for axis, mask in enumerate(kept)
    ):
        total.reason = OTHER_SHAPE
        return
    for axis, mask in enumerate(kept):
        before = before if mask is None else np.compress(mask, before, axis=axis)
    if before.shape != after.shape:
        total.reason = OTHER_SHAPE
        return
    kind = np.float64 if np.float64 in (before.dtype, after.dtype) else np.float32
    one, two = (np.ascontiguousarray(array, kind).reshape(-1) for array in (before, after))
    signal, noise = _powers(one, two)
    if not isfinite(signal):
        known = np.isfinite(one)
        signal, noise = _powers(one[known].astype(np.float64), two[known].astype(np.float64))
    total.signal += signal
    total.noise += noise if isfinite(noise) else inf


def _powers(one: np.ndarray, two: np.ndarray) -> tuple[float, float]:
    with np.errstate(invalid="ignore", over="ignore"):
        difference = one - two
        return float(np.dot(one, one)), float(np.dot(difference, difference))


def _decibel(signal: float, noise: float) -> float:
    if noise == 0:
        return CAP_DB
    if signal == 0 or not isfinite(noise):
        return -CAP_DB
    return max(min(10 * log10(signal / noise), CAP_DB), -CAP_DB)


def _samples(model: Model, data: DataSet) -> int:
    macs = sum(layer.macs for layer in model.layers)
    return max(min(SAMPLES, MOST_MACS // max(2 * macs, 1)), data.fixed_batch or 1)


def _bytes(model: Model, name: str) -> int:
    """Of a float value for one sample; unknown dimensions count as one."""
    return 4 * prod(max(size, 1) for size in model.shapes.get(name, ()))


def _weights(model: Model) -> int:
    return sum(layer.bytes for layer in model.layers)
