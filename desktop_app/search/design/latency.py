"""What an architecture takes on this machine: the sum of its kernels, corrected by nets that were measured whole."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from desktop_app.bench.kernel import Kernel
from desktop_app.bench.kernels import KernelTimes, sum_of
from desktop_app.core.architecture import Architecture, Stage
from desktop_app.zoo.blocks import divisible
from desktop_app.zoo.size import Size
from desktop_app.zoo.supernet.blueprint import Blueprint
from desktop_app.zoo.supernet.plain import SQUEEZED

Map = tuple[int, int, int]
"""Channels, height and width."""

Made = Generator[Kernel, None, Map]
"""Kernels, and what they make."""


@dataclass
class Latencies:
    """Times of the nets of a family.

    Attributes:
        blueprint: The family.
        size: Of input and output.
        times: The table of kernels; what it does not know yet is measured.
        factor: Milliseconds of whole nets over the sum of their kernels.
        each: Milliseconds that each kernel of a whole net takes more.
    """

    blueprint: Blueprint
    size: Size
    times: KernelTimes
    factor: float = 1.0
    each: float = 0.0
    _known: dict[Architecture, float] = field(default_factory=dict)

    def of(self, architecture: Architecture) -> float:
        """Milliseconds for one sample, predicted. Raises Cancelled when the token of the table says so."""
        found = self._known.get(architecture)
        if found is None:
            total, count = self._sum(architecture)
            found = self._known[architecture] = self.factor * total + self.each * count
        return found

    def correct(self, measured: Sequence[tuple[Architecture, float]]) -> None:
        """Fits what is beside the kernels to nets that were measured whole, in milliseconds, by least squares.

        Relative errors count, for the net that is sought may be a fast one. A term that would be negative is left out.
        """
        rows = np.array([self._sum(architecture) for architecture, _ in measured])
        taken = np.array([milliseconds for _, milliseconds in measured])
        weighed = rows / taken[:, None]
        factor, each = np.linalg.lstsq(weighed, np.ones(len(taken)), rcond=None)[0]
        if min(factor, each) < 0.0 or len(measured) < 2:
            total = weighed[:, 0]
            factor, each = total.sum() / np.square(total).sum(), 0.0
        self.factor, self.each = float(factor), float(each)
        self._known.clear()

    def _sum(self, architecture: Architecture) -> tuple[float, int]:
        """Milliseconds of the kernels, and how many there are."""
        kernels = list(kernels_of_net(self.blueprint, self.size, architecture))
        return sum_of(kernels, self.times.of(kernels), ends=True) / 1000.0, len(kernels)


def kernels_of_net(blueprint: Blueprint, size: Size, architecture: Architecture) -> Iterator[Kernel]:
    """The kernels of a net in order, as they are once normalisation is folded in.

    What reduces the input in front takes next to nothing, and is left out.
    """
    active = blueprint.activation
    shape: Map = (size.channels, *architecture.resolution)
    shape = yield from _convolution(shape, architecture.stem, 3, architecture.stem_stride, active)
    for row, stage in zip(blueprint.stages, architecture.stages, strict=True):
        for number in range(stage.blocks):
            stride, residual = (stage.stride, row.stride == 1) if number == 0 else (1, True)
            before = shape
            shape = yield from _block(before, stage, stride, active)
            if residual and before == shape:
                yield Kernel("Add", (1, *shape), second_shape=(1, *shape))
    shape = yield from _convolution(shape, architecture.head, 1, 1, active)
    yield Kernel("GlobalAveragePool", (1, *shape))
    yield Kernel("Gemm", (1, shape[0]), size.classes)


def _block(shape: Map, stage: Stage, stride: int, active: str) -> Made:
    hidden = shape[0] * stage.expansion
    if stage.expansion > 1:
        shape = yield from _convolution(shape, hidden, 1, 1, active)
    shape = yield from _convolution(shape, hidden, stage.kernel, stride, active, group=hidden)
    if stage.squeeze:
        yield Kernel("GlobalAveragePool", (1, *shape))
        squeezed = yield from _convolution((hidden, 1, 1), divisible(hidden / SQUEEZED), 1, 1, active)
        yield from _convolution(squeezed, hidden, 1, 1, "")
        yield Kernel("HardSigmoid" if active == "relu6" else "Sigmoid", (1, hidden, 1, 1))
        yield Kernel("Mul", (1, *shape), second_shape=(1, hidden, 1, 1))
    return (yield from _convolution(shape, stage.outputs, 1, 1, ""))


def _convolution(shape: Map, outputs: int, kernel: int, stride: int, active: str, group: int = 1) -> Made:
    """A convolution that keeps the size but for its stride, and what follows it."""
    ones, pad = (1, 1), kernel // 2 * 2
    fused = "Relu" if active == "relu6" else ""
    yield Kernel("Conv", (1, *shape), outputs, (kernel, kernel), (stride, stride), (pad, pad), ones, group, fused)
    made: Map = (outputs, -(-shape[1] // stride), -(-shape[2] // stride))
    if active == "silu":
        yield Kernel("Sigmoid", (1, *made))
        yield Kernel("Mul", (1, *made), second_shape=(1, *made))
    return made
