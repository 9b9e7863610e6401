"""What a quantised model gives on a processor that adds neighbouring products in 16 bits, whatever this one does."""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.stats.collector import cut_batches
from desktop_app.steps.int8 import emulation
from desktop_app.steps.int8.eligible import read_weights
from desktop_app.steps.int8.regrid import packing_order
from desktop_app.steps.int8.saturation import PAIR_LIMIT, largest_pair
from desktop_app.steps.int8.segments import SEEN, Segment, cut_into_segments
from desktop_app.steps.int8.sequence import Start
from desktop_app.steps.rounding.reading import window_of
from desktop_app.steps.targets import LayerWeight, find_weight

SAMPLES = 4
"""The emulation is a hundred times slower than the model."""

EXACT_KEY = "compression_studio.int8"
"""Metadata of a model that says on which processors its integers are added exactly."""

EVERYWHERE = "exact on every processor"
VNNI_ONLY = (
    "exact on processors that add products of bytes in 32 bits (VNNI, AMX, ARM); on AVX2 alone sums may saturate"
)


def marked(start: Start, calibration: Calibration) -> tuple[Model, tuple[str, ...]]:
    """The quantised model, which says for which processors it is exact, and what is worth saying of the others."""
    model, saturating = start.quantized.clone(), may_saturate(start)
    model.ir.metadata_props[EXACT_KEY] = VNNI_ONLY if saturating else EVERYWHERE
    if not saturating:
        return model, ()
    samples = list(islice(cut_batches(start.model, calibration.batches(), 1), SAMPLES))
    here = emulated_outputs(start, samples, saturating=False)
    there = emulated_outputs(start, samples, saturating=True)
    decibel = decibel_between(here, there)
    return model, (
        f"On processors that have AVX2 and no VNNI, sums in {len(saturating)} of {len(start.layers)} layers may "
        f"saturate; emulated on {len(samples)} samples, that alone leaves {decibel:.1f} dB of the outputs there. The "
        'scheme "portable" is exact on every processor.',
    )


def may_saturate(start: Start) -> tuple[str, ...]:
    """Names of the layers with neighbouring weights whose products a 16-bit sum may not hold."""
    found = []
    for name, layer in start.layers.items():
        constants = read_weights(start.model.node(name))
        stored = np.moveaxis(layer.weight.stored, layer.weight.axis, 0)
        rows = stored.reshape(len(stored), -1)[:, packing_order(constants)]
        if constants.pairs and largest_pair(rows) > PAIR_LIMIT:
            found.append(name)
    return tuple(found)


def emulated_outputs(start: Start, batches: Iterable[Batch], *, saturating: bool = True) -> list[Batch]:
    """The outputs of the quantised model, batch by batch, with every layer's sums computed by `emulation`.

    Args:
        start: The quantised model with what it was made of.
        batches: Inputs.
        saturating: Whether the processor adds neighbouring products in 16 bits.
    """
    known = [dict(batch) for batch in batches]
    for segment in cut_into_segments(start.quantized, start.layers, given=True):
        for values in known:
            if segment.layer:
                stored = values[segment.data]
                values[segment.result] = _result(segment, start, stored, saturating)
        _advance(segment, known)
    names = [value.name or "" for value in start.quantized.graph.outputs]
    return [{name: values[name + SEEN] for name in names} for values in known]


def _advance(segment: Segment, known: list[dict[str, np.ndarray]]) -> None:
    """Replaces what was known before the segment by what is known behind it."""
    session = open_session(segment.model) if segment.outputs else None
    taken = () if session is None else [value.name for value in session.get_inputs()]
    for values in known:
        if session is not None:
            found = session.run(list(segment.outputs), {name: values[name] for name in taken})
            values.update(zip(segment.outputs, found, strict=True))
        for name in segment.last_read:
            values.pop(name, None)


def decibel_between(signal: Iterable[Batch], other: Iterable[Batch]) -> float:
    """Signal to noise of outputs that are numbers, in decibel; 99 at most."""
    power = noise = 0.0
    for one, two in zip(signal, other, strict=True):
        for name, array in one.items():
            power += float(np.square(array, dtype=np.float64).sum())
            noise += float(np.square(array.astype(np.float64) - two[name]).sum())
    return float(10 * np.log10(max(power, 1e-30) / max(noise, power * 10**-9.9, 1e-30)))


def _result(segment: Segment, start: Start, stored: np.ndarray, saturating: bool) -> np.ndarray:
    """The layer's result as floats."""
    affine, layer = start.affine_read_by(segment.layer), start.layers[segment.layer]
    node = start.model.node(segment.layer)
    weight, zero = layer.weight, int(affine.zero_point)
    scales = np.float32(affine.scale) * weight.scales
    if node.op_type == "Conv":
        window = window_of(start.model, _weight(start.model, segment.layer))
        if isinstance(window, str):
            raise ValueError(f"{segment.layer}: {window}")
        sums = emulation.convolve(stored, zero, weight.stored, window, saturating=saturating)
        shape = (1, -1, *[1] * (sums.ndim - 2))
    else:
        matrix = np.moveaxis(weight.stored, weight.axis, 1)
        flat = stored.reshape(-1, stored.shape[-1])
        sums = emulation.multiply(flat, zero, matrix, saturating=saturating).reshape(*stored.shape[:-1], -1)
        shape = (*[1] * (sums.ndim - 1), -1)
    bias = 0.0 if layer.bias is None else layer.bias.reshape(shape)
    return (sums * scales.reshape(shape) + bias).astype(np.float32)


def _weight(model: Model, name: str) -> LayerWeight:
    layer = next(layer for layer in model.layers if layer.name == name)
    found = find_weight(model, layer)
    if isinstance(found, str):
        raise ValueError(f"{name}: {found}")
    return found
