"""Looks at one layer: reads its weight and reduces it to a few hundred numbers, which pictures are made of."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import prod

import numpy as np
from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.look import (
    MOST_POINTS,
    ActivationLook,
    ChannelLook,
    Histogram,
    LayerLook,
    SpectrumLook,
    WeightLook,
)
from desktop_app.core.progress import Token
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect, first_samples
from desktop_app.stats.requests import Histogram as Counted
from desktop_app.stats.requests import StatisticRequest
from desktop_app.steps.int8.eligible import read_weights, refusal

BINS = 48
QUANTILES = 101
ROUNDED = (16, 8, 6, 5, 4, 3, 2)
"""Bits that a look rounds to; 16 is a float."""

MOST_VALUES = 2**22
"""Of larger weights evenly spaced channels are rounded, and evenly spaced elements sorted."""

MOST_RANK = 1536
"""Larger matrices take seconds to take apart, and somebody waits."""

CAP_DB = 120.0

MOST_AHEAD, MOST_ELEMENTS_AHEAD = 12, 2**18
"""So many layers, with so many elements in all, are looked at in passing: that takes some hundredths of a second."""


def look_at_origin(model: Model, name: str, token: Token) -> LayerLook:
    """What there is to see in a cleaned model of the layer that has this name in the opened one.

    Raises:
        Cancelled: when the token says so.
    """
    layer = names_of(model.layers).get(name)
    if layer is None:
        return LayerLook(name, "cleaning the model, which every run does first, removes it")
    return replace(look_at(model, layer, token), layer=name)


def looks_ahead(model: Model, layers: Sequence[Layer], token: Token) -> tuple[LayerLook, ...]:
    """What there is to see of the first layers, before anybody asks: as many as take no time worth mentioning.

    Args:
        model: The cleaned model.
        layers: Those of the opened one, in their order.
        token: Tells when nobody wants it any more.

    Raises:
        Cancelled: when the token says so.
    """
    sizes = accumulate(prod(layer.weight_shape) for layer in layers[:MOST_AHEAD])
    few = [layer for layer, size in zip(layers, sizes, strict=False) if size <= MOST_ELEMENTS_AHEAD]
    return tuple(look_at_origin(model, layer.name, token) for layer in few)


def look_at(model: Model, layer: Layer, token: Token) -> LayerLook:
    """What there is to see of a layer of a cleaned model.

    Raises:
        Cancelled: when the token says so.
    """
    weight, axis = _weight(model, layer)
    if weight is None or not weight.size:
        return LayerLook(layer.name, "its weight is not stored: other nodes compute it")
    if not np.isfinite(weight).all():
        return LayerLook(layer.name, "its weights are not all finite")
    token.check()
    elements = _elements(weight)
    if axis is None:
        return LayerLook(layer.name, weight=elements, spectrum_reason="it is no matrix of channels")
    rows = np.moveaxis(weight, axis, 0).reshape(weight.shape[axis], -1)
    channels = ChannelLook(len(rows), _thinned(np.sort(_norms(rows))))
    noise = tuple(_noise(rows, bits) for bits in ROUNDED)
    token.check()
    spectrum = _spectrum(rows, layer)
    if isinstance(spectrum, str):
        return LayerLook(layer.name, "", elements, channels, None, spectrum, noise)
    return LayerLook(layer.name, "", elements, channels, spectrum, "", noise)


def look_at_activations(
    model: Model, batches: Iterable[Batch], samples: int, token: Token
) -> tuple[ActivationLook, ...]:
    """What every layer of the main graph of a cleaned model gives, in one pass over samples.

    Raises:
        StudioError: when the model cannot be run.
        Cancelled: when the token says so.
    """
    wanted = {layer.name: StatisticRequest(name, "histogram") for layer, name in _results(model)}
    found = collect(model, list(wanted.values()), first_samples(batches, samples), token)
    return tuple(
        ActivationLook(name, _short(one.low), _short(one.high), _joined(one))
        for name, request in wanted.items()
        if isinstance(one := found[request], Counted) and one.counts.any()
    )


def _weight(model: Model, layer: Layer) -> tuple[np.ndarray | None, int | None]:
    """The weight in float32, and the axis of its channels where that is known."""
    if not refusal(model, layer):
        constants = read_weights(model.node(layer.name))
        return constants.weight.astype(np.float32, copy=False), constants.axis
    try:
        found = array_of(model.graph.initializers[layer.weight])
    except KeyError:
        return None, None
    return (None if found is None or found.dtype.kind in "OSU" else found.astype(np.float32)), None


def _elements(weight: np.ndarray) -> WeightLook:
    flat = weight.reshape(-1)
    low, high = float(flat.min()), float(flat.max())
    room = (high - low) or abs(high) or 1.0
    stop = high if high > low else low + room
    counts, _ = np.histogram(flat, bins=BINS, range=(low, stop))
    some = np.abs(flat[:: -(-flat.size // MOST_VALUES)])
    magnitudes = np.quantile(some, np.linspace(0, 1, QUANTILES))
    zeros = float(np.count_nonzero(flat == 0)) / flat.size
    return WeightLook(
        flat.size,
        _short(low),
        _short(high),
        _short(float(flat.std(dtype=np.float64))),
        zeros,
        Histogram(_short(low), _short(stop), tuple(counts.tolist())),
        tuple(map(_short, magnitudes.tolist())),
    )


def _norms(rows: np.ndarray) -> np.ndarray:
    norms: np.ndarray = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    return norms


def _noise(rows: np.ndarray, bits: int) -> tuple[int, float]:
    """Bits, and the signal to noise in decibel of rows that are rounded to them."""
    some = rows[:: -(-rows.size // MOST_VALUES)]
    if bits == 16:
        with np.errstate(over="ignore"):
            rounded = some.astype(np.float16).astype(np.float32)
    else:
        levels = 2 ** (bits - 1) - 1
        scale = np.abs(some).max(axis=1, keepdims=True) / levels
        rounded = np.rint(some / np.where(scale > 0, scale, 1)) * scale
    error = np.square(np.subtract(some, rounded, dtype=np.float64)).sum()
    signal = np.square(some, dtype=np.float64).sum()
    if not np.isfinite(error) or signal == 0:
        return bits, 0.0 if signal else CAP_DB
    return bits, CAP_DB if error == 0 else round(min(float(10 * np.log10(signal / error)), CAP_DB), 2)


def _spectrum(rows: np.ndarray, layer: Layer) -> SpectrumLook | str:
    if layer.convolution_groups > 1:
        return "its groups share no weights, so it is no single matrix"
    full = min(rows.shape)
    if full > MOST_RANK:
        return f"a matrix of {rows.shape[0]} x {rows.shape[1]} is too large to be taken apart in passing"
    wide = (rows if len(rows) <= rows.shape[1] else rows.T).astype(np.float64)
    squares = np.maximum(np.linalg.eigvalsh(wide @ wide.T)[::-1], 0.0)
    kept = np.cumsum(squares) / max(float(squares.sum()), np.finfo(float).tiny)
    return SpectrumLook(full, _thinned(np.sqrt(squares)), _thinned(kept))


def _results(model: Model) -> Iterator[tuple[Layer, str]]:
    """Each layer of the main graph, and the name of what its row gives in the end, behind its activation."""
    main = {node.name for node in model.graph}
    for layer in model.layers:
        if layer.name not in main:
            continue
        value = model.node(layer.name).outputs[0]
        rest = set(layer.nodes)
        while len(readers := list(value.consumers())) == 1 and readers[0].name in rest and len(readers[0].outputs) == 1:
            value = readers[0].outputs[0]
        if value.name and prod(max(size, 1) for size in model.shapes.get(value.name, (0,))):
            yield layer, value.name


def _joined(counted: Counted) -> Histogram:
    """The same between the smallest and the largest value, in as many bins as a picture shows."""
    edges = np.linspace(counted.start, counted.stop, len(counted.counts) + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    low, high = counted.low, counted.high if counted.high > counted.low else counted.low + 1.0
    places = np.clip(((middles - low) / (high - low) * BINS).astype(int), 0, BINS - 1)
    counts = np.bincount(places, weights=counted.counts, minlength=BINS)
    return Histogram(_short(low), _short(high), tuple(int(one) for one in counts))


def _thinned(values: np.ndarray) -> tuple[float, ...]:
    """At most `MOST_POINTS` of the values, the first and the last among them."""
    if len(values) > MOST_POINTS:
        values = values[np.linspace(0, len(values) - 1, MOST_POINTS).round().astype(int)]
    return tuple(map(_short, values.tolist()))


def _short(value: float) -> float:
    """The value to six figures: no eye sees more, and a message is shorter."""
    return float(f"{value:.6g}")


def names_of(layers: Sequence[Layer]) -> dict[str, Layer]:
    """The layers by the name of the layer of the opened model that they come from."""
    return {layer.origin or layer.name: layer for layer in layers}
