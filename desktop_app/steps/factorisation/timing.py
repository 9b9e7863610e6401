"""What a layer takes on this machine as it is, and as a chain: the break-even that counts."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from desktop_app.bench.kernel import Kernel, kernel_of_node
from desktop_app.bench.kernels import KernelTimes, sum_of
from desktop_app.core.errors import InvalidFileError
from desktop_app.core.progress import Token
from desktop_app.core.rank import Factor
from desktop_app.core.stack import Stack
from desktop_app.steps.factorisation.systems import System


class MeasuredTimes:
    """Looks kernels up in the table of this machine, and measures what it does not have.

    Args:
        shapes: Value name to shape for one sample (`Model.shapes`).
        token: Hears of progress while something is measured; says when to stop.
        table: The table; that of this machine, for one thread, if None.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], token: Token, table: KernelTimes | None = None) -> None:
        self._shapes = shapes
        self._table = table or KernelTimes(threads=1, token=token)

    def times(self, system: System, factors: Sequence[Factor]) -> tuple[float, list[float]] | None:
        """Microseconds of the layer, and of each of the factorisations; None where it cannot be timed."""
        whole = kernel_of_node(system.weight.node, self._shapes)
        if whole is None:
            return None
        chains = [chain_kernels(whole, factor) for factor in factors]
        try:
            times = self._table.of([whole, *(kernel for chain in chains for kernel in chain)])
        except InvalidFileError:
            return None
        return sum_of([whole], times), [sum_of(chain, times) for chain in chains]


def chain_kernels(whole: Kernel, factor: Factor) -> list[Kernel]:
    """The kernels of the links that take the place of a layer with the kernel `whole`."""
    if whole.op_type != "Conv":
        return _products(whole, factor.ranks[0])
    every = tuple(range(len(whole.kernel)))
    if factor.kind == "separable":
        wide = (whole.input_shape[0], factor.ranks[0], *whole.input_shape[2:])
        first = replace(_on_axes(whole, every, wide, factor.ranks[0]), group=factor.ranks[0])
        last = replace(_on_axes(whole, (), _output_shape(first), whole.outputs), activation=whole.activation)
        copying = [] if wide == whole.input_shape else [Kernel("Relu", wide)]
        return [*copying, first, last]
    if factor.stack is not None:
        return _stack(whole, factor.stack, factor.ranks[0])
    if factor.kind == "spatial":
        own: tuple[tuple[int, ...], ...] = ((0,), (1,))
    elif factor.kind in ("tucker2", "cp"):
        own = ((), every, ())
    else:
        own = (every, ())
    widths = (*factor.ranks, whole.outputs) if factor.kind != "cp" else (*factor.ranks * 2, whole.outputs)
    chain: list[Kernel] = []
    shape = whole.input_shape
    for width, axes in zip(widths, own, strict=True):
        link = _on_axes(whole, axes, shape, width)
        if factor.kind == "cp" and axes:
            link = replace(link, group=width)
        chain.append(link)
        shape = _output_shape(link)
    chain[-1] = replace(chain[-1], activation=whole.activation)
    return chain


def _stack(whole: Kernel, stack: Stack, width: int) -> list[Kernel]:
    """Small kernels one after another, of which the first has the stride and all of the padding."""
    chain: list[Kernel] = []
    ones = (1,) * len(stack.strides)
    for number, extents in enumerate(stack.extents):
        last = number == len(stack.extents) - 1
        link = replace(
            whole,
            input_shape=_output_shape(chain[-1]) if chain else whole.input_shape,
            outputs=whole.outputs if last else width,
            kernel=extents,
            strides=ones if chain else whole.strides,
            pads=tuple(0 for _ in ones) if chain else whole.pads,
            activation=whole.activation if last else "",
        )
        chain.append(link)
    return chain


def _products(whole: Kernel, rank: int) -> list[Kernel]:
    """Two matrix products."""
    first = replace(whole, op_type="MatMul", outputs=rank)
    return [first, replace(whole, input_shape=(*whole.input_shape[:-1], rank))]


def _on_axes(whole: Kernel, axes: Sequence[int], shape: tuple[int, ...], outputs: int) -> Kernel:
    """A link with the layer's extent, stride, padding and dilation on some of the spatial axes, and none elsewhere."""

    def kept(sizes: tuple[int, ...], neutral: int) -> tuple[int, ...]:
        return tuple(size if axis in axes else neutral for axis, size in enumerate(sizes))

    return replace(
        whole,
        input_shape=shape,
        outputs=outputs,
        kernel=kept(whole.kernel, 1),
        strides=kept(whole.strides, 1),
        pads=kept(whole.pads, 0),
        dilations=kept(whole.dilations, 1),
        activation="",
    )


def _output_shape(link: Kernel) -> tuple[int, ...]:
    """The shape that a convolution gives."""
    sizes = zip(link.input_shape[2:], link.kernel, link.strides, link.pads, link.dilations, strict=True)
    spatial = (
        (size + pads - dilation * (extent - 1) - 1) // stride + 1 for size, extent, stride, pads, dilation in sizes
    )
    return (link.input_shape[0], link.outputs, *(max(size, 1) for size in spatial))
