"""What layers gain in time from 8 bits, by the table of kernels."""

from collections.abc import Collection

from desktop_app.bench.kernel import kernels_of
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model


def gains_us(model: Model, layers: Collection[str], token: Token) -> dict[str, float]:
    """Microseconds that each layer's kernel saves in 8 bits, on one thread, without conversions around it."""
    float_kernels = kernels_of(model)
    int8_kernels = kernels_of(model, dict.fromkeys(layers, 8))
    timed = [name for name in layers if name in float_kernels]
    times = KernelTimes(1, token).of([kernels[name] for kernels in (float_kernels, int8_kernels) for name in timed])
    return {name: times[float_kernels[name]].run - times[int8_kernels[name]].run for name in timed}
