"""What it costs to go over from float to 8 bits in front of a layer, and back."""

from collections.abc import Sequence

from desktop_app.bench.kernel import Kernel, kernel_of_layer
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token


def changeovers(layers: Sequence[Layer], token: Token) -> list[tuple[float, float]]:
    """Microseconds of a conversion to integers and of one to float in front of each layer, on one thread.

    With each goes what brings the values into the layout of the layer's own kernel.
    """
    rows = [tuple(max(size, 1) for size in layer.input_shape) for layer in layers]
    stored = [Kernel("QuantizeLinear", shape) if shape else None for shape in rows]
    real = [Kernel("DequantizeLinear", shape) if shape else None for shape in rows]
    inner = [[kernel_of_layer(layer, bits) for layer in layers] for bits in (8, 32)]
    times = KernelTimes(1, token).of(
        kernel for group in (stored, real, *inner) for kernel in group if kernel is not None
    )

    def cost(conversion: Kernel | None, kernel: Kernel | None) -> float:
        return (times[conversion].run if conversion else 0.0) + (times[kernel].enter if kernel else 0.0)

    rises, falls = map(cost, stored, inner[0]), map(cost, real, inner[1])
    return list(zip(rises, falls, strict=True))
