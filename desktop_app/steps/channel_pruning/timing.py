"""The time of every layer at every width, from kernels that are measured on this machine at some widths."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from desktop_app.bench.kernel import Kernel, kernel_of_layer
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.layer import Axis, Layer
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.pricing import LANES, macs, padded_macs

SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
"""Widths that are measured, as shares of the whole; the time of those between them is interpolated."""

Widths = tuple[int, ...]


class TimePrice:
    """Microseconds of a layer with so many output and input channels.

    Layers that cannot be timed take what the others take for their multiply-accumulates. `timed` says whether any
    could be timed at all; if not, the price has another unit, which is the same for all layers.
    """

    def __init__(self, model: Model, token: Token, times: KernelTimes | None = None) -> None:
        self._grids: dict[str, tuple[Widths, Widths, np.ndarray]] = {}
        wanted: dict[str, tuple[Widths, Widths, list[Kernel]]] = {}
        for layer in model.layers:
            kernel = kernel_of_layer(layer)
            if kernel is not None:
                outputs, inputs = _widths(layer.output), _widths(layer.input)
                kernels = [kernel.resized(out, read) for out, read in product(outputs, inputs)]
                wanted[layer.name] = outputs, inputs, kernels
        found = (times or KernelTimes(token=token)).of(one for _, _, kernels in wanted.values() for one in kernels)
        for name, (outputs, inputs, kernels) in wanted.items():
            grid = np.array([found[kernel].run for kernel in kernels]).reshape(len(outputs), len(inputs))
            self._grids[name] = outputs, inputs, grid
        self.timed = bool(self._grids)
        self._rate = self._microseconds_each(model.layers)

    def __call__(self, layer: Layer, output: int, inputs: int) -> float:
        """Microseconds."""
        if layer.name not in self._grids:
            return padded_macs(layer, output, inputs) * self._rate
        outputs, reads, grid = self._grids[layer.name]
        by_input = [float(np.interp(inputs, reads, row)) for row in grid]
        return float(np.interp(output, outputs, by_input))

    def _microseconds_each(self, layers: Sequence[Layer]) -> float:
        """What a multiply-accumulate takes on the average of the layers that were timed; 1 without any."""
        timed = [layer for layer in layers if layer.name in self._grids]
        work = sum(macs(layer, layer.output.size, layer.input.size) for layer in timed)
        spent = sum(float(self._grids[layer.name][2][-1, -1]) for layer in timed)
        return spent / work if work else 1.0


def _widths(axis: Axis) -> Widths:
    """Widths of an axis to be measured, the least first; only the whole for one that cannot be cut."""
    if not axis.spans:
        return (axis.size,)
    steps = {max(round(axis.size * share / LANES), 1) * LANES for share in SHARES[:-1]}
    return (*sorted(width for width in steps if width < axis.size), axis.size)
