"""Bias correction: every layer's mean result is put back to what the float model gives.

After Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction" (ICCV 2019), with means
measured on data, layer by layer through the already corrected layers: measured all at once, the corrections add up and
destroy the model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect, cut_batches
from desktop_app.stats.requests import Moments, StatisticRequest
from desktop_app.steps.int8.layers import QuantizedLayer
from desktop_app.steps.int8.segments import Segment, cut_into_segments

SAMPLES = 64
"""Means over more samples differ by less than the rounding; the integers of these are held in memory."""

AT_ONCE = 4
"""Samples that a segment runs over at a time: more are not faster."""


def correct_biases(
    model: Model,
    quantized: Model,
    layers: Mapping[str, QuantizedLayer],
    batches: Iterator[Batch],
    token: Token,
) -> dict[str, QuantizedLayer]:
    """The layers with biases that give the float model's mean results.

    Args:
        model: The float model.
        quantized: The same with `layers` written into it.
        layers: Constants of the quantised layers, by name.
        batches: Calibration samples; the first `SAMPLES` are used.
        token: Hears of progress; says when to stop.
    """
    samples = list(_first(cut_batches(model, batches, AT_ONCE), SAMPLES))
    biased = [name for name, layer in layers.items() if layer.bias is not None]
    requests = {name: StatisticRequest(model.node(name).outputs[0].name or "", "channel_mean") for name in biased}
    means = collect(model, tuple(requests.values()), samples, token)
    corrected = dict(layers)
    values: list[dict[str, np.ndarray]] = [dict(batch) for batch in samples]
    for segment in cut_into_segments(quantized, biased):
        token.check()
        token.report(Progress("quantize_static", 0.5, f"correcting the bias of {segment.layer}"))
        layer = corrected.get(segment.layer)
        bias = None if layer is None else layer.bias
        if layer is not None and bias is not None:
            target = means[requests[segment.layer]]
            shift = target.mean - _mean(segment, bias, values) if isinstance(target, Moments) else 0.0
            bias = (bias + shift).astype(np.float32)
            corrected[segment.layer] = replace(layer, bias=bias)
        _advance(segment, bias, values)
    return corrected


def _first(batches: Iterator[Batch], samples: int) -> Iterator[Batch]:
    """Whole batches, until there are enough samples."""
    for batch in batches:
        yield batch
        samples -= max((len(array) for array in batch.values()), default=0)
        if samples <= 0:
            return


def _mean(segment: Segment, bias: np.ndarray, values: list[dict[str, np.ndarray]]) -> np.ndarray:
    """Per channel mean of the layer's result with this bias; channels on axis 1."""
    session = open_session(segment.model)
    total, count = np.zeros(len(bias)), 0
    for known in values:
        (result,) = session.run([segment.result], _feed(segment, bias, known))
        others = tuple(axis for axis in range(result.ndim) if axis != 1)
        total += result.sum(axis=others, dtype=np.float64)
        count += result.size // len(bias)
    return total / max(count, 1)


def _advance(segment: Segment, bias: np.ndarray | None, values: list[dict[str, np.ndarray]]) -> None:
    """Replaces what was known before the segment by what is known behind it."""
    if not segment.outputs:
        return
    session = open_session(segment.model)
    for known in values:
        results = session.run(list(segment.outputs), _feed(segment, bias, known))
        known.update(zip(segment.outputs, results, strict=True))
        for name in segment.last_read:
            known.pop(name, None)


def _feed(segment: Segment, bias: np.ndarray | None, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    feed = {name: known[name] for name in segment.inputs}
    if segment.bias and bias is not None:
        feed[segment.bias] = bias.astype(np.float32)
    return feed
