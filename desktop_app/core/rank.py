"""What a rank makes of a layer: which factorisation and what it costs, one rule for the prediction and for the step."""

from math import prod
from typing import Literal

from msgspec import Struct

from desktop_app.core.layer import Layer
from desktop_app.core.recipe import LowRankMethod

FactorKind = Literal["svd", "channel", "spatial", "tucker2"]


class Factor(Struct, frozen=True):
    """A layer as a chain of smaller ones.

    Attributes:
        kind: "svd": a matrix (or 1 x 1 convolution) as two. "channel": the kernel to `rank` channels, then 1 x 1.
            "spatial": kernel height x 1 to `rank` channels, then 1 x kernel width. "tucker2": 1 x 1 down to the first
            rank, the kernel to the second, 1 x 1 up.
        ranks: Channels between the factors, in the order of execution.
        params: Weights of all factors; the bias is not among them.
        macs_ratio: Multiply-accumulates of the factors over those of the layer.
        approximate: Whether the ranks (known only from the weights) or the MACs (shapes are not known) are estimates.
    """

    kind: FactorKind
    ranks: tuple[int, ...]
    params: int
    macs_ratio: float
    approximate: bool = False


def factorise(layer: Layer, rank: float | int, method: LowRankMethod) -> Factor | str:
    """The factorisation of `layer` by `rank`, or the reason why there is none.

    An integer is the rank itself; a float is a share of the full rank, or with `measure` "energy" the share of the
    squared singular values to keep. The largest `n` of them hold at least their even share, so that an energy bounds
    the rank from above: the factor is then the costliest one that can come out.
    """
    reason = unfit(layer, method)
    if reason:
        return reason
    kind = kind_for(layer, method)
    full = full_ranks(layer, kind)
    if rank <= 0:
        return f"a rank must be above 0, not {rank:g}"
    ranks = tuple(max(1, min(whole, round(rank * whole) if isinstance(rank, float) else rank)) for whole in full)
    factor = with_ranks(layer, kind, ranks)
    if isinstance(rank, float) and method.measure == "energy":
        return _bound(layer, kind, factor)
    if saves(layer, factor):
        return factor
    limit = break_even(layer, kind)
    asked, of = (" and ".join(map(str, sizes)) for sizes in (ranks, full))
    return f"rank {asked} of {of} would not save; " + (f"it saves below {limit}" if limit > 1 else "no rank would")


def unfit(layer: Layer, method: LowRankMethod) -> str:
    """Why the layer cannot be factorised whatever the rank; empty where it can."""
    if layer.op_type not in ("Conv", "Gemm", "MatMul"):
        return f"{layer.op_type} cannot be factorised, only Conv, Gemm and MatMul"
    if layer.convolution_groups > 1:
        return f"a convolution in {layer.convolution_groups} groups is factorised already: its groups share no weights"
    if len(layer.weight_shape) != 2 + len(layer.kernel):
        return f"a weight with {len(layer.weight_shape)} dimensions is no matrix"
    if layer.output.size * layer.input.size * prod(layer.kernel) == 0:
        return "the weight is empty"
    if method.kind == "spatial" and _pointwise(layer) is False and (len(layer.kernel) != 2 or 1 in layer.kernel):
        return f"a kernel of {' x '.join(map(str, layer.kernel))} cannot be split into height and width"
    return ""


def kind_for(layer: Layer, method: LowRankMethod) -> FactorKind:
    """The factorisation that `method` means for this layer: decided by shapes alone."""
    if _pointwise(layer):
        return "svd"
    return "channel" if method.kind == "auto" else method.kind


def full_ranks(layer: Layer, kind: FactorKind) -> tuple[int, ...]:
    """The ranks at which the factors reproduce the weight exactly."""
    output, inputs, kernel = layer.output.size, layer.input.size, layer.kernel
    if kind == "spatial":
        return (min(inputs * kernel[0], output * kernel[1]),)
    if kind == "tucker2":
        return (min(inputs, output * prod(kernel)), min(output, inputs * prod(kernel)))
    return (min(output, inputs * prod(kernel)),)


def with_ranks(layer: Layer, kind: FactorKind, ranks: tuple[int, ...]) -> Factor:
    """The cost of the factorisation with these very ranks, whether it saves or not."""
    output, inputs, kernel = layer.output.size, layer.input.size, prod(layer.kernel)
    before = output * inputs * kernel
    if kind == "spatial":
        first, second = inputs * layer.kernel[0] * ranks[0], ranks[0] * layer.kernel[1] * output
        wide, known = _input_positions(layer, -1)
        return Factor(kind, ranks, first + second, (first * wide + second) / before, not known)
    if kind == "tucker2":
        down, core, up = inputs * ranks[0], ranks[0] * kernel * ranks[1], ranks[1] * output
        wide, known = _input_positions(layer, -len(layer.kernel))
        return Factor(kind, ranks, down + core + up, (down * wide + core + up) / before, not known)
    params = ranks[0] * (inputs * kernel + output)
    return Factor(kind, ranks, params, params / before)


def saves(layer: Layer, factor: Factor) -> bool:
    """Whether the factors have fewer weights than the layer and do not need more multiply-accumulates."""
    return factor.params < layer.output.size * layer.input.size * prod(layer.kernel) and factor.macs_ratio <= 1.0


def break_even(layer: Layer, kind: FactorKind) -> int:
    """The smallest rank (of both sides, for Tucker-2) that does not save; 1 where none saves."""
    full = full_ranks(layer, kind)
    low, high = 1, max(full) + 1
    while low < high:
        middle = (low + high) // 2
        if saves(layer, with_ranks(layer, kind, tuple(min(middle, whole) for whole in full))):
            low = middle + 1
        else:
            high = middle
    return low


def _bound(layer: Layer, kind: FactorKind, costliest: Factor) -> Factor | str:
    """The costliest factorisation that can come out where the weights decide on the rank."""
    limit = break_even(layer, kind)
    if limit == 1:
        return "no rank would save"
    ranks = costliest.ranks if saves(layer, costliest) else tuple(min(r, limit - 1) for r in costliest.ranks)
    factor = with_ranks(layer, kind, ranks)
    return Factor(kind, ranks, factor.params, factor.macs_ratio, approximate=True)


def _pointwise(layer: Layer) -> bool:
    """Whether the weight is a matrix: of a Gemm, a MatMul or a 1 x 1 convolution."""
    return prod(layer.kernel) == 1


def _input_positions(layer: Layer, first_axis: int) -> tuple[float, bool]:
    """Input positions for one output position over the axes from `first_axis` on; False where shapes are unknown."""
    inputs, outputs = layer.input_shape[first_axis:], layer.output_shape[first_axis:]
    if not inputs or len(inputs) != len(outputs) or min(*inputs, *outputs) < 1:
        return 1.0, False
    return prod(inputs) / prod(outputs), True
