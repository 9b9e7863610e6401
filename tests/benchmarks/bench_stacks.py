"""Large kernels against stacks of small ones, by the table of kernel times of this machine (one thread).

Ordinary convolutions become stacks as wide as half of the layer's operations allow. Depthwise ones, which are refused,
are shown beside them: it is why they are.

Passes if every ordinary stack is at least 1.5 times as fast as its layer.

Run: python tests/benchmarks/bench_stacks.py
"""

import sys

from desktop_app.bench.kernel import Kernel
from desktop_app.bench.kernels import KernelTimes, sum_of
from desktop_app.core.layer import Axis, Layer
from desktop_app.core.methods import RestructureMethod
from desktop_app.core.rank import Factor
from desktop_app.core.structure import stacked
from desktop_app.steps.factorisation.timing import chain_kernels

SIZES = ((16, 32), (32, 32), (64, 28), (128, 14))
DEPTHWISE = ((64, 28), (128, 14), (240, 14), (672, 14))
EXTENTS = (5, 7)
LEAST = 1.5


def main() -> int:
    """Prints a row for each layer; 1 if an ordinary stack is not fast enough."""
    times = KernelTimes(threads=1)
    speeds = []
    for channels, side in SIZES:
        for extent in EXTENTS:
            whole = _kernel(channels, side, extent)
            factor = stacked(_layer(channels, side, extent), None, RestructureMethod())
            if not isinstance(factor, Factor):
                raise TypeError(factor)
            speeds.append(_say(times, whole, chain_kernels(whole, factor), f"{factor.ranks[0]} between"))
    for channels, side in DEPTHWISE:
        for extent in EXTENTS:
            small = [_kernel(channels, side, 3, depthwise=True)] * ((extent - 1) // 2)
            _say(times, _kernel(channels, side, extent, depthwise=True), small, "depthwise")
    passed = min(speeds) >= LEAST
    sys.stdout.write("passed\n" if passed else "missed\n")
    return 0 if passed else 1


def _say(times: KernelTimes, whole: Kernel, chain: list[Kernel], about: str) -> float:
    found = times.of([whole, *chain])
    before, after = sum_of([whole], found), sum_of(chain, found)
    channels, side, extent = whole.outputs, whole.input_shape[-1], whole.kernel[0]
    sizes = f"{extent} x {extent}, {channels} channels at {side} x {side}"
    sys.stdout.write(f"{sizes:34} {before:9.1f} us {after:9.1f} us {before / after:6.2f}x  {about}\n")
    return before / after


def _kernel(channels: int, side: int, extent: int, *, depthwise: bool = False) -> Kernel:
    ones, pads = (1, 1), (extent - 1,) * 2
    group = channels if depthwise else 1
    return Kernel("Conv", (1, channels, side, side), channels, (extent, extent), ones, pads, ones, group)


def _layer(channels: int, side: int, extent: int) -> Layer:
    shape = (1, channels, side, side)
    weight = (channels, channels, extent, extent)
    return Layer(
        "layer", "Conv", (), weight, shape, 0, 0, 0, output=Axis(channels), input=Axis(channels),
        kernel=weight[2:], input_shape=shape, strides=(1, 1), dilations=(1, 1),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
