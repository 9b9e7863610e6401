"""Rounding the weights of one int8 layer against what the layer reads."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil, prod

import msgspec
import numpy as np

from desktop_app.graph.model import Model
from desktop_app.stats.accumulators import ACCUMULATORS
from desktop_app.stats.requests import Covariance, StatisticRequest
from desktop_app.steps.int8.eligible import LayerWeights, read_weights
from desktop_app.steps.int8.layers import QuantizedLayer
from desktop_app.steps.int8.saturation import PAIR_LIMIT
from desktop_app.steps.int8.weights import BITS, QuantizedWeight, ends
from desktop_app.steps.rounding.gptq import round_rows
from desktop_app.steps.rounding.levels import Levels
from desktop_app.steps.rounding.limits import PairLimit
from desktop_app.steps.rounding.reading import as_rows, from_rows, moments_request
from desktop_app.steps.targets import LayerWeight, find_weight

LEAST_ROWS = 4096
ROWS_PER_INPUT = 8
SWEEPS = 0
"""Coordinate descent behind GPTQ was measured to give nothing at 8 bits, and takes half of the time."""

MAX_INPUTS = 4608
"""Inputs of one output above which the second moments would take more memory and time than they are worth."""


@dataclass(frozen=True)
class Rounder:
    """Rounds layers of one model.

    Attributes:
        model: The float model.
        pair_safe: Whether processors without VNNI must compute the weights exactly.
        samples: How many samples will be read.
    """

    model: Model
    pair_safe: bool
    samples: int

    def rounded(self, name: str, layer: QuantizedLayer, read: Iterable[np.ndarray]) -> QuantizedLayer:
        """The layer with integers that change its result least, at the scales that it has.

        Args:
            name: The layer's.
            layer: Its constants so far.
            read: What it reads, in batches.
        """
        weight = self._weight(name)
        request = None if weight is None else self._request(weight)
        if weight is None or request is None:
            return layer
        accumulator = ACCUMULATORS[request.kind](request)
        for batch in read:
            accumulator.add(batch)
        moments = accumulator.result()
        if not isinstance(moments, Covariance) or not moments.count or not np.isfinite(moments.matrix).all():
            return layer
        constants = read_weights(weight.node)
        stored = self._integers(weight, constants, layer.weight, moments.matrix)
        return replace(layer, weight=replace(layer.weight, stored=stored))

    def _integers(
        self, weight: LayerWeight, constants: LayerWeights, now: QuantizedWeight, moments: np.ndarray
    ) -> np.ndarray:
        rows = as_rows(weight, constants.weight)
        matrix = moments.reshape(-1, *moments.shape[-2:])
        scales = now.scales.astype(np.float64).reshape(*rows.shape[:2], 1)
        levels = Levels(*ends(now.bits), scales, np.zeros_like(scales))
        limits = []
        if self.pair_safe and constants.pairs and now.bits == BITS:
            limits.append(PairLimit(packing_order(constants), PAIR_LIMIT))
        return from_rows(weight, round_rows(rows, matrix, levels, limits=limits, sweeps=SWEEPS)).astype(np.int8)

    def _weight(self, name: str) -> LayerWeight | None:
        layer = next((layer for layer in self.model.layers if layer.name == name), None)
        found = None if layer is None else find_weight(self.model, layer)
        return found if isinstance(found, LayerWeight) else None

    def _request(self, weight: LayerWeight) -> StatisticRequest | None:
        request = moments_request(self.model, weight, self.samples)
        shape = weight.tensor.shape.numpy()
        inputs = prod(shape[1:]) if weight.node.op_type == "Conv" else as_rows(weight, weight.tensor.numpy()).shape[2]
        if isinstance(request, str) or inputs > MAX_INPUTS:
            return None
        places = ceil(max(LEAST_ROWS, ROWS_PER_INPUT * inputs) / max(self.samples, 1))
        return msgspec.structs.replace(request, places=places)


def packing_order(constants: LayerWeights) -> np.ndarray:
    """The inputs of one output, numbered as the weight stores them, in the order in which the kernel packs them."""
    others = [axis for axis in range(constants.weight.ndim) if axis != constants.axis]
    sizes = [constants.weight.shape[axis] for axis in others]
    numbers = np.arange(prod(sizes)).reshape(sizes)
    return numbers.transpose([others.index(axis) for axis in constants.packed]).reshape(-1)
