"""Weights as 8- or 4-bit integers with scales; activations stay float."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.axes import input_axes, unfit_axes
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.storage.stored import (
    FIRST_WITH_BROADCASTING,
    FIRST_WITH_SLICE,
    Stored,
    pack_nibbles,
    store_layers,
)
from desktop_app.steps.targets import LayerWeight, asked, refusals

BLOCK = 32
"""Weights that share a scale in 4 bits, where the inputs can be cut so; else the nearest number that divides them."""

BLOCKS = tuple(sorted(range(BLOCK // 2, 2 * BLOCK + 1), key=lambda size: (abs(size - BLOCK), size)))

SHRINK = tuple(1.0 - 0.025 * step for step in range(17))
"""Scales tried, relative to the one that represents the largest weight."""


@dataclass(frozen=True)
class Grid:
    """Integers from `low` to `high`."""

    bits: int
    low: int
    high: int


GRIDS = {8: Grid(8, -127, 127), 4: Grid(4, -8, 7)}


class QuantizeWeights(Step):
    """Rounds weights to integers: 8 bits with a scale for each output channel, 4 bits for each block of inputs.

    The scale of least squared error is searched for each of them. Blocks as in QLoRA (Dettmers et al., 2023).
    """

    name = "quantize_weights"
    title = "Weight quantisation"
    knob = "bits"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether some layer is set to 4 bits, or to 8 bits while activations stay float."""
        return any(self._asked(model, recipe).values())

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layers without a constant 32-bit weight whose inputs are known."""
        if model.opset < FIRST_WITH_BROADCASTING:
            return {layer.name: _too_old(model) for layer in model.layers}
        return refusals(model, unfit_axes)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Rounds the weights of the layers that are set so, see `Step.apply`."""
        by_bits = self._asked(model, recipe)
        bits = {layer.name: bits for bits, layers in by_bits.items() for layer in layers}
        layers = [layer for layer in model.layers if layer.name in bits]

        def encode(weight: LayerWeight, array: np.ndarray) -> Stored | str:
            if model.opset < FIRST_WITH_BROADCASTING:
                return _too_old(model)
            if {bits.get(name, bits[weight.layer.name]) for name in weight.sharers} - {bits[weight.layer.name]}:
                return "it shares its weight with a layer set to other bits"
            if array.size % 2 and bits[weight.layer.name] == 4 and model.opset < FIRST_WITH_SLICE:
                return (
                    f"an odd number of weights in 4 bits needs opset {FIRST_WITH_SLICE}, this model has {model.opset}"
                )
            return quantise(weight, array, GRIDS[bits[weight.layer.name]])

        return store_layers(self, model, layers, encode, token)

    def _asked(self, model: Model, recipe: Recipe) -> dict[int, list[Layer]]:
        """Bits to the layers of which they are asked."""

        def wants(bits: int) -> list[Layer]:
            return [layer for layer in asked(model, recipe, lambda one: one.bits == bits) if layer.bits > bits]

        method = recipe.methods.quantize
        alone = [layer for layer in wants(8) if (layer.origin or layer.name) in method.weights_only]
        return {4: wants(4), 8: wants(8) if method.activations is False else alone}


def _too_old(model: Model) -> str:
    return f"opset {model.opset} cannot decode integers; export with opset {FIRST_WITH_BROADCASTING} or newer"


def quantise(weight: LayerWeight, array: np.ndarray, grid: Grid) -> Stored | str:
    """The weight as integers of `grid`, or why it cannot be."""
    span = input_axes(weight)
    if isinstance(span, str):
        return span
    start, stop = span
    inputs = prod(array.shape[start:stop])
    block = next((size for size in BLOCKS if inputs % size == 0), inputs) if grid.bits == 4 else inputs
    blocked = (prod(array.shape[:start]), inputs // block, block, prod(array.shape[stop:]))
    values = array.reshape(blocked)
    scale = best_scale(values, grid)
    integers = np.clip(np.rint(values / scale), grid.low, grid.high).astype(np.int8)
    content = pack_nibbles(integers) if grid.bits == 4 else integers.reshape(array.shape)
    remark = f"signal to noise {_decibel(values, integers * scale):.1f} dB"
    if block < inputs:
        return Stored(content, array.shape, scale, blocked, f"blocks of {block}, {remark}")
    whole = (*array.shape[:start], *([1] * (stop - start)), *array.shape[stop:])
    return Stored(content, array.shape, scale.reshape(whole), array.shape, remark)


def best_scale(values: np.ndarray, grid: Grid) -> np.ndarray:
    """The scale of least squared error for each group of weights along axis 2, of those tried; 1 where all are zero.

    The weight of largest magnitude falls on the lower end, which reaches further, so that scales may be negative.
    """
    extreme = np.take_along_axis(values, np.abs(values).argmax(axis=2, keepdims=True), axis=2)
    base = extreme / grid.low
    base[np.abs(base) < np.finfo(np.float32).tiny] = 1.0
    best, least = base, np.full(base.shape, np.inf, np.float32)
    for factor in SHRINK:
        scale = base * np.float32(factor)
        rounded = np.clip(np.rint(values / scale), grid.low, grid.high) * scale
        error = np.square(rounded - values).sum(axis=2, keepdims=True)
        best = np.where(error < least, scale, best)
        least = np.minimum(error, least)
    return best


def _decibel(values: np.ndarray, rounded: np.ndarray) -> float:
    """Signal to quantisation noise, at most 200."""
    signal, noise = float(np.square(values).sum()), float(np.square(values - rounded).sum())
    return 10.0 * float(np.log10(signal / noise)) if signal > 0 and noise > signal * 1e-20 else 200.0
