"""What a structure makes of a layer: one rule for the prediction and for the step."""

from math import prod

from msgspec.structs import replace

from desktop_app.core.layer import Axis, Layer
from desktop_app.core.methods import RestructureMethod
from desktop_app.core.rank import Factor, extents_of, with_ranks


def separable(layer: Layer, method: RestructureMethod, left: tuple[int, int] | None = None) -> Factor | str:
    """A convolution as one of each channel by itself and a 1 x 1 convolution, or the reason why it stays.

    Chollet (2017), Howard et al. (2017). Stride, padding and dilation go to the first, so that both compute at the
    output's positions. `left` are the output and input channels that a cut leaves, where there is one.
    """
    reason = unfit(layer)
    if reason:
        return reason
    extents = extents_of(layer, "separable", left)
    factor = with_ranks(extents, "separable", (extents.inputs * method.multiplier,))
    if factor.params < extents.weights:
        return factor
    return f"separable it would have {factor.params} weights in the place of {extents.weights}"


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
