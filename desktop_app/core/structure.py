"""What a structure makes of a layer: one rule for the prediction and for the step."""

from math import prod

from msgspec.structs import replace

from desktop_app.core.layer import Axis, Layer
from desktop_app.core.methods import RestructureMethod
from desktop_app.core.rank import Factor, extents_of, with_ranks
from desktop_app.core.settings import STRUCTURES, LayerSettings, Structure
from desktop_app.core.stack import Size, Stack, cost_of_stack, full_width, stack_of, widest


def rewritten(
    layer: Layer, settings: LayerSettings, method: RestructureMethod, left: tuple[int, int] | None = None
) -> Factor | str:
    """What a layer becomes by its `structure`, or the reason why it stays.

    `left` are the output and input channels that a later cut leaves, where there is one: they cost, but how wide it
    is between the parts is decided before.
    """
    if settings.structure == "stacked":
        return stacked(layer, settings.rank, method, left)
    return separable(layer, method, left)


def unfit_for(layer: Layer, structure: Structure) -> str:
    """Why the layer cannot take a structure, whatever the method; empty where it can."""
    if structure == "stacked":
        stack = stack_of(layer)
        return stack if isinstance(stack, str) else ""
    return "" if structure == "keep" else unfit(layer)


def unfit_for_all(layer: Layer) -> str:
    """Why the layer can take no structure but its own; empty where it can take one."""
    reasons = [unfit_for(layer, structure) for structure in STRUCTURES[1:]]
    return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""


def stacked(
    layer: Layer, rank: float | int | None, method: RestructureMethod, left: tuple[int, int] | None = None
) -> Factor | str:
    """A convolution with a large kernel as several with small ones, or the reason why it stays.

    Szegedy et al. (2016), "Rethinking the Inception Architecture". Without a rank there are as many channels between
    as `RestructureMethod.share` allows, with a share as many as that allows, with a number so many.
    """
    stack = stack_of(layer)
    if isinstance(stack, str):
        return stack
    size = _size(layer)
    whole = size.output * size.inputs * prod(stack.whole)
    if isinstance(rank, int):
        width = min(rank, full_width(stack, size))
        params, macs = cost_of_stack(stack, width, size)
        if params >= whole or macs > whole:
            return f"with {width} channels between its kernels it would have {params} weights in the place of {whole}"
    else:
        share = method.share if rank is None else rank
        width = widest(stack, share, size)
        if not width:
            return f"{share:.0%} of its size is less than one channel between small kernels takes"
    return _stack_factor(stack, width, size if left is None else Size(*left, size.spatial))


def _stack_factor(stack: Stack, width: int, size: Size) -> Factor:
    params, macs = cost_of_stack(stack, width, size)
    whole = size.output * size.inputs * prod(stack.whole)
    ranks = (width,) * (len(stack.extents) - 1)
    return Factor("stacked", ranks, params, macs / max(whole, 1), not size.spatial, stack)


def _size(layer: Layer) -> Size:
    spatial = layer.output_shape[2:]
    known = len(spatial) == len(layer.kernel) and min(spatial, default=0) > 0
    return Size(layer.output.size, layer.input.size, spatial if known else ())


def separable(layer: Layer, method: RestructureMethod, left: tuple[int, int] | None = None) -> Factor | str:
    """A convolution as one of each channel by itself and a 1 x 1 convolution, or the reason why it stays.

    Chollet (2017), Howard et al. (2017). Stride, padding and dilation go to the first, so that both compute at the
    output's positions. `left` are the output and input channels that a cut leaves, where there is one.
    """
    reason = unfit(layer)
    if reason:
        return reason
    extents = extents_of(layer, "separable", left)
    factor = with_ranks(extents, "separable", (extents.inputs * multiplier_of(layer, method),))
    if factor.params < extents.weights:
        return factor
    return f"separable it would have {factor.params} weights in the place of {extents.weights}"


def multiplier_of(layer: Layer, method: RestructureMethod) -> int:
    """Kernels for each channel of a separable layer: as many as are asked for, or as the method's share allows."""
    if isinstance(method.multiplier, int):
        return method.multiplier
    one = layer.input.size * (prod(layer.kernel) + layer.output.size)
    allowed = int(method.share * layer.output.size * layer.input.size * prod(layer.kernel) / one)
    return max(1, min(allowed, prod(layer.kernel)))


def unfit(layer: Layer) -> str:
    """Why the layer cannot be made separable, whatever the method; empty where it can."""
    if layer.op_type != "Conv":
        return f"{layer.op_type} cannot be made separable, only Conv"
    if layer.convolution_groups > 1:
        return f"a convolution in {layer.convolution_groups} groups does not mix all of its channels"
    if len(layer.weight_shape) != 2 + len(layer.kernel) or 0 in layer.weight_shape:
        return "its weight is not that of a convolution"
    if prod(layer.kernel) == 1:
        return "a 1 x 1 convolution has no extent to be split off"
    extents = extents_of(layer, "separable")
    if with_ranks(extents, "separable", (extents.inputs,)).params >= extents.weights:
        return f"{extents.output} outputs of {extents.inputs} channels are too few for it to save"
    return ""


def pointwise(layer: Layer, factor: Factor, outputs: int) -> Layer:
    """The row of the 1 x 1 convolution of a separable one with so many outputs, of which a rank is one afterwards."""
    channels = factor.ranks[0]
    shape = (outputs, channels, *(1 for _ in layer.kernel))
    spatial = layer.output_shape[2:]
    return replace(
        layer,
        weight_shape=shape,
        kernel=shape[2:],
        input=Axis(channels),
        output=Axis(outputs),
        input_shape=(*layer.input_shape[:1], channels, *spatial),
    )
