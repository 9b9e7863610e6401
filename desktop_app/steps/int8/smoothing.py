"""Outliers of activations moved into weights: x W = (x / s) (s W), with a scale s for each channel.

Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models" (ICML 2023). One
scale for a whole activation is coarse where few channels are much larger than the others, as behind the normalisations
of transformers, while weights have a scale for each output. What makes x is an operator with constants for each channel
that can be divided, so the model computes the same in as many operators. How far to go is chosen by the error of the
layers on calibration data, and nothing is moved where that gains little.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.histogram import HistogramAccumulator
from desktop_app.stats.requests import ChannelRange, Histogram, StatisticRequest
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.eligible import LayerWeights, read_weights
from desktop_app.steps.int8.plan import Plan
from desktop_app.steps.int8.ranges import choose_range
from desktop_app.steps.int8.weights import quantize_weight

STRENGTHS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Shares of an activation's range, in logarithms, that are moved into the weights."""

MOST_ERROR = 0.8
"""Of the layers' squared error as it is: what gains less is not worth a change."""

MOST_OUTPUTS = 256
"""Evenly spaced outputs of a layer on which its error is measured."""

PLACES = 16
NORMALISATIONS = ("LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization")


@dataclass(frozen=True)
class Spot:
    """A value whose channels can be divided.

    Attributes:
        value: Its name.
        constants: (node, input) of the constants to be divided by the scales.
        layers: The matrix products that read it; nobody else does.
    """

    value: str
    constants: tuple[tuple[str, int], ...]
    layers: tuple[str, ...]

    def requests(self) -> tuple[StatisticRequest, StatisticRequest]:
        """The range of every channel, and some vectors."""
        return (
            StatisticRequest(self.value, "channel_range", -1),
            StatisticRequest(self.value, "vectors", -1, places=PLACES),
        )


class Smoothed(NamedTuple):
    """A model that computes the same, and the histograms of its values that have changed, by name."""

    model: Model
    histograms: dict[str, Histogram]


def spots(model: Model, plan: Plan) -> list[Spot]:
    """Values in front of matrix products in 8 bits that an operator with constants for each channel makes."""
    sharing = Counter(plan.groups.values())
    alone = [name for name in plan.sources if sharing[plan.groups[name]] == 1]
    values = {value.name: value for node in model.graph for value in node.outputs}
    found = []
    for name in alone:
        value = values.get(name)
        readers = () if value is None or value.is_graph_output() else tuple(value.uses())
        nodes = [use.node for use in readers if use.idx == 0 and use.node.name in plan.layers and _multiplies(use.node)]
        if value is None or not nodes or len(nodes) < len(readers) or not all(_own_weight(node) for node in nodes):
            continue
        channels = {_inputs(node) for node in nodes}
        constants = _constants(value, channels.pop()) if len(channels) == 1 else ()
        if constants:
            found.append(Spot(name, constants, tuple(node.name or "" for node in nodes)))
    return found


def smooth(model: Model, plan: Plan, calibration: Calibration, method: str, *, pair_safe: bool) -> Smoothed:
    """Moves outliers into weights wherever that lowers the error.

    Args:
        model: The float model.
        plan: What becomes of it.
        calibration: With the statistics that the spots request.
        method: How ranges are chosen.
        pair_safe: Whether processors without VNNI must compute the weights exactly.
    """
    editor, histograms = GraphEditor(model), dict[str, Histogram]()
    for spot in spots(model, plan):
        limits, vectors = (calibration.statistic(request) for request in spot.requests())
        if not isinstance(limits, ChannelRange) or not isinstance(vectors, np.ndarray) or not len(vectors):
            continue
        if not (np.isfinite(vectors).all() and np.isfinite(limits.low).all() and np.isfinite(limits.high).all()):
            continue
        layers = [_thinned(read_weights(model.node(name))) for name in spot.layers]
        scales = best_scales(vectors, limits, layers, method, pair_safe=pair_safe)
        if scales is not None:
            _divide(editor, model, spot, scales)
            histograms[spot.value] = _histogram(vectors, limits, scales)
    return Smoothed(editor.finish() if histograms else model, histograms)


def best_scales(
    vectors: np.ndarray, limits: ChannelRange, layers: Sequence[LayerWeights], method: str, *, pair_safe: bool
) -> np.ndarray | None:
    """What to divide every channel by; None where nothing lowers the error enough.

    Args:
        vectors: Some of what the layers read, (vectors, channels).
        limits: The range of each channel over all samples.
        layers: Their weights.
        method: How the range of an activation is chosen.
        pair_safe: See `quantize_weight`.
    """
    largest = np.maximum(np.abs(limits.low), np.abs(limits.high)).astype(np.float64)
    weights = np.max([np.abs(_columns(layer)).max(axis=1) for layer in layers], axis=0)
    candidates = [_scales(largest, weights, strength) for strength in STRENGTHS]
    before = _error(vectors, limits, layers, np.ones(len(largest), np.float32), method, pair_safe)
    errors = [_error(vectors, limits, layers, scales, method, pair_safe) for scales in candidates]
    best = int(np.argmin(errors))
    return candidates[best] if errors[best] < MOST_ERROR * before else None


def _scales(largest: np.ndarray, weights: np.ndarray, strength: float) -> np.ndarray:
    """Scales of mean 1 in logarithms; channels that are always zero on either side keep theirs."""
    used = (largest > 0) & (weights > 0)
    logarithms = np.zeros(len(largest))
    logarithms[used] = strength * np.log(largest[used]) - (1.0 - strength) * np.log(weights[used])
    logarithms[used] -= logarithms[used].mean() if used.any() else 0.0
    scales: np.ndarray = np.exp(np.clip(logarithms, -10.0, 10.0)).astype(np.float32)
    return scales


def _error(
    vectors: np.ndarray,
    limits: ChannelRange,
    layers: Iterable[LayerWeights],
    scales: np.ndarray,
    method: str,
    pair_safe: bool,
) -> float:
    """Squared error of the layers' results by their energy, summed over the layers."""
    affine = Affine.of_range(*choose_range(_histogram(vectors, limits, scales), method))
    stored = np.rint(vectors / scales / affine.scale) + np.float32(affine.zero_point)
    read = affine.real(np.clip(stored, 0, 255))
    total = 0.0
    for layer in layers:
        wanted = vectors @ _columns(layer)
        weight = _divided(layer, scales)
        floor = np.zeros(weight.weight.shape[layer.axis])
        safe = pair_safe and layer.pairs
        rounded = quantize_weight(weight.weight, layer.axis, layer.packed, pair_safe=safe, floor=floor).values()
        given = read @ (rounded if layer.axis == 1 else rounded.T)
        total += float(np.square(given - wanted).sum() / max(np.square(wanted).sum(), 1e-30))
    return total


def _histogram(vectors: np.ndarray, limits: ChannelRange, scales: np.ndarray) -> Histogram:
    """Of the divided value: counted on the vectors, its ends from all samples."""
    accumulator = HistogramAccumulator()
    accumulator.add(vectors / scales)
    accumulator.add(np.stack([limits.low, limits.high]) / scales)  # so that the bins hold the ends as well
    return accumulator.result()


def _divide(editor: GraphEditor, model: Model, spot: Spot, scales: np.ndarray) -> None:
    for name, index in spot.constants:
        node = editor.node_like(model.node(name))
        old = node.inputs[index]
        array = array_of(old)
        if old is not None and array is not None:
            divided = (np.broadcast_to(array.reshape(-1), scales.shape) / scales).astype(np.float32)
            editor.replace_input(node, index, editor.constant(f"{old.name}_smooth", divided))
    for name in spot.layers:
        node = editor.node_like(model.node(name))
        old, constants = node.inputs[1], read_weights(node)
        stored = array_of(old)
        if old is not None and stored is not None:
            by_row = scales[:, None] if constants.axis == 1 else scales[None, :]
            editor.replace_input(node, 1, editor.constant(f"{old.name}_smooth", stored * by_row))


def _constants(value: ir.Value, channels: int) -> tuple[tuple[str, int], ...]:
    """Where the constants lie that the channels of a value can be divided in; nothing where there are none."""
    node = value.producer()
    if node is None or value is not node.outputs[0]:
        return ()
    if node.op_type in NORMALISATIONS:
        places = [(node, index) for index in range(1, len(node.inputs)) if node.inputs[index] is not None]
        return _named(places, channels) if node.attributes.get_int("axis", -1) == -1 else ()
    if node.domain not in ("", "ai.onnx") or node.op_type not in ("Mul", "Add"):
        return ()
    own = next((index for index in (0, 1) if _fits(node.inputs[index], channels)), None)
    here = () if own is None else _named([(node, own)], channels)
    if node.op_type == "Mul":  # one factor suffices
        return here or next(filter(None, (_behind(factor, channels) for factor in node.inputs)), ())
    inner = () if own is None else _behind(node.inputs[1 - own], channels)
    return (*inner, *here) if inner else ()


def _behind(value: ir.Value | None, channels: int) -> tuple[tuple[str, int], ...]:
    """The constants of a value that only one operator reads."""
    if value is None or len(value.uses()) != 1 or value.is_graph_output():
        return ()
    return _constants(value, channels)


def _named(places: Sequence[tuple[ir.Node, int]], channels: int) -> tuple[tuple[str, int], ...]:
    fit = all(_fits(node.inputs[index], channels) for node, index in places)
    return tuple((node.name or "", index) for node, index in places) if fit else ()


def _fits(value: ir.Value | None, channels: int) -> bool:
    """Whether it is a constant, of one number or one for each channel on the last axis."""
    array = array_of(value)
    if array is None or array.dtype != np.float32 or not np.isfinite(array).all():
        return False
    return array.size in (1, channels) and (array.size == 1 or array.shape[-1] == channels) and array.ndim <= 1


def _multiplies(node: ir.Node) -> bool:
    return node.op_type in ("MatMul", "Gemm")


def _own_weight(node: ir.Node) -> bool:
    return node.inputs[1] is not None and len(node.inputs[1].uses()) == 1


def _inputs(node: ir.Node) -> int:
    """Channels that a product reads, without looking at its weight."""
    weight = tensor_of(node.inputs[1])
    return 0 if weight is None else int(weight.shape.numpy()[node.attributes.get_int("transB", 0)])


def _columns(constants: LayerWeights) -> np.ndarray:
    """The weight as (inputs, outputs)."""
    return constants.weight if constants.axis == 1 else constants.weight.T


def _thinned(constants: LayerWeights) -> LayerWeights:
    """The same with so many outputs that trying takes little time."""
    step = -(-constants.weight.shape[constants.axis] // MOST_OUTPUTS)
    weight = constants.weight[:, ::step] if constants.axis == 1 else constants.weight[::step]
    return LayerWeights(weight, None, constants.axis, constants.packed, constants.pairs)


def _divided(constants: LayerWeights, scales: np.ndarray) -> LayerWeights:
    by_row = scales[:, None] if constants.axis == 1 else scales[None, :]
    return LayerWeights(constants.weight * by_row, None, constants.axis, constants.packed, constants.pairs)
