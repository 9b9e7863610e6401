"""What it costs to go over from float to 8 bits in front of a layer, and back."""

from collections.abc import Sequence

from desktop_app.bench.kernel import Kernel, kernel_of_layer
from desktop_app.bench.kernel_cache import KernelTime
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.layer import Layer

NOTHING = KernelTime(0.0)


def changeovers(layers: Sequence[Layer], times: KernelTimes) -> list[tuple[float, float]]:
    """Microseconds of a conversion to integers and of one to float in front of each layer, on the threads of a table.

    With each goes what brings the values out of the layout of the kernel before it, and into that of its own.

    Args:
        layers: In execution order; each is taken to read what the one before it gives.
        times: The table; what it does not know yet is measured.

    Raises: as `KernelTimes.of`.
    """
    shapes = [tuple(max(size, 1) for size in layer.input_shape) for layer in layers]
    stored = [Kernel("QuantizeLinear", shape) if shape else None for shape in shapes]
    real = [Kernel("DequantizeLinear", shape) if shape else None for shape in shapes]
    integers, floats = ([kernel_of_layer(layer, bits) for layer in layers] for bits in (8, 32))
    known = times.of(kernel for group in (stored, real, integers, floats) for kernel in group if kernel is not None)

    def cost(before: Kernel | None, conversion: Kernel | None, kernel: Kernel | None) -> float:
        left, converted, entered = (NOTHING if one is None else known[one] for one in (before, conversion, kernel))
        return left.leave + converted.run + entered.enter

    rises = map(cost, [None, *floats[:-1]], stored, integers)
    falls = map(cost, [None, *integers[:-1]], real, floats)
    return list(zip(rises, falls, strict=True))
