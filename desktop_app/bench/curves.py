"""How the time of each layer's kernel depends on its widths and bits, from the table of kernels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from desktop_app.bench.kernel import Kernel, kernel_of_layer
from desktop_app.bench.kernel_cache import KernelTime
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.layer import Layer
from desktop_app.core.summary import LayerCurve
from desktop_app.core.timing import BLOCK

SHARES = (0.25, 0.5, 0.75)
"""Widths at which a curve is measured, besides the whole, to whole blocks of channels."""

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
    return {layer.name: points[layer.name].curve(known) for layer, _ in curved}


class _Points:
    """The kernels of one layer at the widths at which its curve is measured."""

    def __init__(self, layer: Layer, kernel: Kernel) -> None:
        self._whole = kernel
        self._int8 = replace(kernel, bits=8)
        outputs, inputs = layer.output.size, layer.input.size
        self._outputs = {width: kernel.resized(width) for width in _widths(outputs)}
        one_input = kernel.depthwise or inputs < 2
        self._inputs = {} if one_input else {width: kernel.resized(None, width) for width in _widths(inputs)}
        self._odd_output = kernel.resized(outputs - 1) if outputs > BLOCK and outputs % BLOCK == 0 else kernel
        fits = not one_input and inputs > BLOCK and inputs % BLOCK == 0
        self._odd_input = kernel.resized(None, inputs - 1) if fits else kernel

    @property
    def all(self) -> Iterator[Kernel]:
        """Every kernel that must be timed."""
        yield from (self._whole, self._int8, self._odd_output, self._odd_input)
        yield from self._outputs.values()
        yield from self._inputs.values()

    def curve(self, times: Mapping[Kernel, KernelTime]) -> LayerCurve:
        """The curve, once they are timed."""
        whole = max(times[self._whole].run, 1e-3)
        odd = (max(times[one].run / whole, 1.0) for one in (self._odd_output, self._odd_input))
        return LayerCurve(
            _rising(self._outputs, times),
            _rising(self._inputs, times),
            (next(odd), next(odd)),
            times[self._int8].run / whole,
        )


def _rising(kernels: Mapping[int, Kernel], times: Mapping[Kernel, KernelTime]) -> tuple[tuple[int, float], ...]:
    return tuple((width, times[kernels[width]].run) for width in sorted(kernels))


def _widths(size: int) -> Iterable[int]:
    """Some widths up to the whole, in whole blocks as far as there are."""
    some = (
        max(round(share * size / BLOCK) * BLOCK, 1) if size > BLOCK else max(round(share * size), 1) for share in SHARES
    )
    return dict.fromkeys(width for width in (*some, size) if width <= size)
