"""How the time of each layer's kernel depends on its widths and bits, from the table of kernels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from desktop_app.bench.changeover import changeovers
from desktop_app.bench.kernel import Kernel, kernel_of_layer
from desktop_app.bench.kernel_cache import KernelTime
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.layer import Layer
from desktop_app.core.summary import LayerCurve
from desktop_app.core.timing import BLOCK

SHARES = (0.25, 0.5, 0.75)
"""Widths at which a curve is measured, besides the whole, to whole blocks of channels."""

LEAST_US = 1e-3
"""Of any kernel, to divide by."""

MOST_KERNELS = 64
"""Kernels whose curves are measured; in models with more, those that take longest."""


def width_curves(
    layers: Sequence[Layer], milliseconds: Mapping[str, float], times: KernelTimes
) -> dict[str, LayerCurve]:
    """Layer name to its curve.

    Args:
        layers: The layer table.
        milliseconds: What each layer takes.
        times: The table; what it does not know yet is measured.

    Raises:
        InvalidFileError: when ONNX Runtime does not run a kernel.
        Cancelled: when the token of `times` says so.
    """
    slowest = sorted(layers, key=lambda layer: -milliseconds.get(layer.name, 0.0))
    kernels = {layer.name: kernel for layer in slowest if (kernel := kernel_of_layer(layer)) is not None}
    chosen = set(list(dict.fromkeys(kernels.values()))[:MOST_KERNELS])
    curved = [(layer, kernels[layer.name]) for layer in slowest if kernels.get(layer.name) in chosen]
    points = {layer.name: _Points(layer, kernel) for layer, kernel in curved}
    known = times.of(one for name in points for one in points[name].all)
    slower = _slower([(milliseconds.get(layer.name, 0.0), 1e-3 * known[kernel].run) for layer, kernel in curved])
    changes = dict(zip((layer.name for layer in layers), changeovers(layers, times), strict=True))
    return {layer.name: points[layer.name].curve(known, changes[layer.name], slower) for layer, _ in curved}


def _slower(rows: Sequence[tuple[float, float]]) -> float:
    """By what the machine was slower when rows were timed than when kernels were, about.

    A row takes longer than its kernel by what is beside it. Rows with little beside show the rest: so it is the lower
    quarter, by time, of what rows take over their kernels.
    """
    ratios = sorted((row / kernel, row) for row, kernel in rows if row > 0.0 and kernel > 0.0)
    enough = 0.25 * sum(row for _, row in ratios)
    for ratio, row in ratios:
        enough -= row
        if enough <= 0.0:
            return ratio
    return 1.0


class _Points:
    """The kernels of one layer at the widths at which its curve is measured."""

    def __init__(self, layer: Layer, kernel: Kernel) -> None:
        outputs, inputs = layer.output.size, layer.input.size
        one_input = kernel.depthwise or inputs < 2
        self._whole = kernel
        self._outputs = {width: kernel.resized(width) for width in _widths(outputs)}
        self._inputs = {} if one_input else {width: kernel.resized(None, width) for width in _widths(inputs)}
        output = outputs - 1 if _has_blocks(outputs) else None
        read = inputs - 1 if _has_blocks(inputs) and not one_input else None
        self._second = _seconds(layer, kernel, [width for width in self._outputs if width < outputs])
        self._odd = (kernel.resized(output), kernel.resized(None, read), kernel.resized(output, read))

    @property
    def all(self) -> Iterator[Kernel]:
        """Every kernel that must be timed."""
        for kernel in (*self._odd, *self._outputs.values(), *self._inputs.values(), *self._second.values()):
            yield kernel
            yield replace(kernel, bits=8)

    def curve(self, times: Mapping[Kernel, KernelTime], changeover: tuple[float, float], slower: float) -> LayerCurve:
        """The curve, once they are timed; all times longer by a factor."""
        ones = [_rising(kernels, times, bits, slower) for bits in (32, 8) for kernels in (self._outputs, self._inputs)]
        second = [_rising(self._second, times, bits, slower) for bits in (32, 8)]
        odd = [self._odd_ratios(times, bits) for bits in (32, 8)]
        rise, fall = changeover
        over = slower * rise, slower * fall
        return LayerCurve(ones[0], ones[1], odd[0], ones[2], ones[3], odd[1], second[0], second[1], over)

    def _odd_ratios(self, times: Mapping[Kernel, KernelTime], bits: Literal[32, 8]) -> tuple[float, float, float]:
        whole = max(times[replace(self._whole, bits=bits)].run, LEAST_US)
        output, inputs, both = (max(times[replace(one, bits=bits)].run / whole, 1.0) for one in self._odd)
        return output, inputs, both


def _rising(
    kernels: Mapping[int, Kernel], times: Mapping[Kernel, KernelTime], bits: Literal[32, 8], slower: float
) -> tuple[tuple[int, float], ...]:
    return tuple((width, slower * times[replace(kernels[width], bits=bits)].run) for width in sorted(kernels))


def _seconds(layer: Layer, kernel: Kernel, ranks: Sequence[int]) -> dict[int, Kernel]:
    """Channels between the parts of a factorised convolution to the kernel of the second part, which is 1 x 1."""
    if kernel.op_type != "Conv" or kernel.group > 1:
        return {}
    ones, zeros = (1,) * len(kernel.kernel), (0,) * len(kernel.kernel)
    places = kernel.input_shape[:1], layer.output_shape[2:]
    return {
        rank: Kernel("Conv", (*places[0], rank, *places[1]), kernel.outputs, ones, ones, zeros, ones, 1, "Relu")
        for rank in ranks
    }


def _has_blocks(size: int) -> bool:
    return size > BLOCK and size % BLOCK == 0


def _widths(size: int) -> Iterable[int]:
    """Some widths up to the whole, in whole blocks as far as there are."""
    some = (
        max(round(share * size / BLOCK) * BLOCK, 1) if size > BLOCK else max(round(share * size), 1) for share in SHARES
    )
    return dict.fromkeys(width for width in (*some, size) if width <= size)
