"""Which int8 scheme suits the processor at hand."""

from msgspec.structs import replace

from desktop_app.bench.cpu import detect_cpu
from desktop_app.core.methods import QuantizeMethod


def settled(method: QuantizeMethod) -> QuantizeMethod:
    """The method with the scheme that "auto" stands for on this processor."""
    if method.scheme != "auto":
        return method
    return replace(method, scheme="vnni" if detect_cpu().exact_int8 else "portable")
