"""Layer after layer, on what the layers before it really give: weights rounded against that, biases put back.

Weights are rounded so that the layer's result changes least (Frantar et al., GPTQ, ICLR 2023; see `steps.rounding`).
Then its bias takes up what is left of the mean (Nagel et al., "Data-Free Quantization Through Weight Equalization and
Bias Correction", ICCV 2019). Measured all at once, such corrections add up and destroy the model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnxruntime as ort

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect, cut_batches, first_samples
from desktop_app.stats.requests import Moments, StatisticRequest
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.layers import QuantizedLayer
from desktop_app.steps.int8.plan import Plan
from desktop_app.steps.int8.regrid import Rounder
from desktop_app.steps.int8.segments import Segment, cut_into_segments

SAMPLES = 48
"""Means over more samples differ by less than the rounding; the integers of these are held in memory."""

DRAFT_SAMPLES = 12
"""Where what is made is compared and not kept."""

AT_ONCE = 4
"""Samples that a segment runs over at a time: more are not faster."""

Values = dict[str, np.ndarray]


@dataclass(frozen=True)
class Start:
    """Where the fitting begins.

    Attributes:
        model: The float model.
        quantized: The same with `layers` written into it.
        plan: What becomes of nodes and values.
        affines: Scale and zero point of every first value of a group.
        layers: Constants of the quantised layers, by name.
        smoothed: Names of the values whose outliers were moved into weights.
    """

    model: Model
    quantized: Model
    plan: Plan
    affines: Mapping[str, Affine]
    layers: Mapping[str, QuantizedLayer]
    smoothed: tuple[str, ...] = ()

    def affine_read_by(self, layer: str) -> Affine:
        """Scale and zero point of what a layer reads."""
        read = self.model.node(layer).inputs[0]
        return self.affines[self.plan.groups["" if read is None else read.name or ""]]


def fit_in_sequence(
    start: Start, rounder: Rounder | None, batches: Iterator[Batch], token: Token, count: int = SAMPLES
) -> dict[str, QuantizedLayer]:
    """The layers with weights and biases that come nearest to what the float model gives.

    Args:
        start: The layers as they are rounded one by one.
        rounder: Rounds weights against what they are multiplied with; None leaves them.
        batches: Calibration samples.
        token: Hears of progress; says when to stop.
        count: How many of the samples are used, the first.
    """
    samples = list(first_samples(cut_batches(start.model, batches, AT_ONCE), count))
    means = _float_means(start, samples, token)
    fitted = dict(start.layers)
    known: list[Values] = [dict(batch) for batch in samples]
    segments = cut_into_segments(start.quantized, start.layers)
    for number, segment in enumerate(segments):
        token.check()
        token.report(Progress("quantize_static", 0.3 + 0.7 * number / (len(fitted) + 1), segment.layer))
        runner = _Runner(segment)
        layer = fitted.get(segment.layer)
        if layer is not None:
            if rounder is not None:
                layer = rounder.rounded(segment.layer, layer, _read(segment, start, known))
            if segment.layer in means and layer.bias is not None:
                shift = means[segment.layer] - runner.mean(layer, known)
                layer = replace(layer, bias=(layer.bias + shift).astype(np.float32))
            fitted[segment.layer] = layer
        runner.advance(layer, known)
    return fitted


class _Runner:
    """Runs a segment, with the constants that its layer has by now."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._session: ort.InferenceSession = open_session(segment.model)

    def mean(self, layer: QuantizedLayer, known: list[Values]) -> np.ndarray:
        """Per channel mean of the layer's result; channels on axis 1."""
        total, count = np.zeros(1), 0
        for values in known:
            (result,) = self._session.run([self._segment.result], self._feed(layer, values))
            others = tuple(axis for axis in range(result.ndim) if axis != 1)
            total = total + result.sum(axis=others, dtype=np.float64)
            count += result.size // result.shape[1]
        return total / max(count, 1)

    def advance(self, layer: QuantizedLayer | None, known: list[Values]) -> None:
        """Replaces what was known before the segment by what is known behind it."""
        outputs = self._segment.outputs
        for values in known:
            if outputs:
                results = self._session.run(list(outputs), self._feed(layer, values))
                values.update(zip(outputs, results, strict=True))
            for name in self._segment.last_read:
                values.pop(name, None)

    def _feed(self, layer: QuantizedLayer | None, values: Values) -> Values:
        feed = {name: values[name] for name in self._segment.inputs}
        if layer is not None:
            feed[self._segment.weight] = layer.weight.values()
            if self._segment.bias and layer.bias is not None:
                feed[self._segment.bias] = layer.bias
        return feed


def _float_means(start: Start, samples: list[Batch], token: Token) -> dict[str, np.ndarray]:
    """Per channel mean of what the float model gives, for every layer with a bias."""
    biased = [name for name, layer in start.layers.items() if layer.bias is not None]
    requests = {name: StatisticRequest(start.model.node(name).outputs[0].name or "", "channel_mean") for name in biased}
    found = collect(start.model, tuple(requests.values()), samples, token)
    means = {name: found[request] for name, request in requests.items()}
    return {name: moments.mean for name, moments in means.items() if isinstance(moments, Moments)}


def _read(segment: Segment, start: Start, known: list[Values]) -> Iterator[np.ndarray]:
    """What the layer reads, batch by batch, as floats."""
    affine = start.affine_read_by(segment.layer)
    for values in known:
        yield affine.real(values[segment.data])
