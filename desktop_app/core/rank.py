"""What a rank makes of a layer: which factorisation and what it costs, one rule for the prediction and for the step."""

from functools import lru_cache
from math import prod
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.methods import LowRankMethod
from desktop_app.core.stack import Stack

FactorKind = Literal["svd", "channel", "spatial", "tucker2", "cp", "separable", "stacked"]


class Factor(Struct, frozen=True, gc=False):
    """A layer as a chain of smaller ones.

    Attributes:
        kind: "svd": a matrix (or 1 x 1 convolution) as two. "channel": the kernel to `rank` channels, then 1 x 1.
            "spatial": kernel height x 1 to `rank` channels, then 1 x kernel width. "tucker2": 1 x 1 down to the first
            rank, the kernel to the second, 1 x 1 up. "cp": 1 x 1 to `rank` channels, the kernel on each of them by
            itself, 1 x 1 up. "separable": the kernel on each input channel by itself, which gives `rank` channels, then
            1 x 1; a rewriting (`core.structure`), of which no rank is asked. "stacked": several small kernels one after
            another (`core.stack`).
        ranks: Channels between the factors, in the order of execution; of a stack all are alike.
        params: Weights of all factors; the bias is not among them.
        macs_ratio: Multiply-accumulates of the factors over those of the layer.
        approximate: Whether the ranks (known only from the weights) or the MACs (shapes are not known) are estimates.
        stack: How a stack moves; None for the other kinds.
    """

    kind: FactorKind
    ranks: tuple[int, ...]
    params: int
    macs_ratio: float
    approximate: bool = False
    stack: Stack | None = None


class Extents(NamedTuple):
    """All that the cost of a factorisation depends on.

    Attributes:
        output: Output channels.
        inputs: Input channels.
        kernel: Spatial extents of the kernel; empty for a matrix.
        spread: Input positions for one output position along each spatial axis; empty where it does not matter or is
            not known.
    """

    output: int
    inputs: int
    kernel: tuple[int, ...] = ()
    spread: tuple[float, ...] = ()

    @property
    def weights(self) -> int:
        """Elements of the whole weight."""
        return self.output * self.inputs * prod(self.kernel)


def factorise(
    layer: Layer, rank: float | int, method: LowRankMethod, left: tuple[int, int] | None = None
) -> Factor | str:
    """The factorisation of `layer` by `rank`, or the reason why there is none.

    An integer is the rank itself; a float is a share of the full rank, with `measure` "size" of the layer's
    multiply-accumulates and weights, or with "energy" of the squared singular values. The largest `n` of them hold at
    least their even share, so that an energy bounds the rank from above: the factor is then the costliest one that can
    come out. Where the data decide on the kind, a size is kept whatever the kind, nearly. `left` are the output and
    input channels that an earlier cut leaves, where there is one.
    """
    reason = unfit(layer, method)
    if reason:
        return reason
    kind = kind_for(layer, method)
    factor = _factorise(extents_of(layer, kind, left), kind, rank, method.measure)
    if isinstance(factor, Factor) and isinstance(rank, float) and kind_is_open(layer, method):
        return replace(factor, approximate=True)
    return factor


def unfit(layer: Layer, method: LowRankMethod) -> str:
    """Why the layer cannot be factorised whatever the rank; empty where it can."""
    if layer.op_type not in ("Conv", "Gemm", "MatMul"):
        return f"{layer.op_type} cannot be factorised, only Conv, Gemm and MatMul"
    if layer.convolution_groups > 1:
        return f"a convolution in {layer.convolution_groups} groups is factorised already: its groups share no weights"
    if len(layer.weight_shape) != 2 + len(layer.kernel):
        return f"a weight with {len(layer.weight_shape)} dimensions is no matrix"
    if 0 in layer.weight_shape:
        return "the weight is empty"
    if method.kind == "spatial" and prod(layer.kernel) > 1 and not _splits(layer):
        return f"a kernel of {' x '.join(map(str, layer.kernel))} cannot be split into height and width"
    return ""


def kind_for(layer: Layer, method: LowRankMethod) -> FactorKind:
    """The factorisation of which a rank is one of, for this layer: decided by shapes alone."""
    if prod(layer.kernel) == 1:
        return "svd"
    return "channel" if method.kind == "auto" else method.kind


def kinds_for(layer: Layer, method: LowRankMethod) -> tuple[FactorKind, ...]:
    """The factorisations among which the error decides where a cost is given."""
    if prod(layer.kernel) == 1 or method.kind != "auto":
        return (kind_for(layer, method),)
    return ("channel", "spatial", "tucker2", "cp") if _splits(layer) else ("channel", "tucker2", "cp")


def kind_is_open(layer: Layer, method: LowRankMethod) -> bool:
    """Whether a float rank leaves the kind to the error."""
    return method.measure == "size" and len(kinds_for(layer, method)) > 1


def extents_of(layer: Layer, kind: FactorKind, left: tuple[int, int] | None = None) -> Extents:
    """What the cost of that factorisation depends on, of the layer or of what a cut leaves of its channels."""
    output, channels = left or (layer.output.size, layer.input.size)
    if kind in ("svd", "channel"):
        return Extents(output, channels, layer.kernel)
    spatial = len(layer.kernel)
    inputs, outputs = layer.input_shape[2:], layer.output_shape[2:]
    known = len(inputs) == len(outputs) == spatial and min(*inputs, *outputs) > 0
    spread = tuple(wide / out for wide, out in zip(inputs, outputs, strict=True)) if known else ()
    return Extents(output, channels, layer.kernel, spread)


def full_ranks(extents: Extents, kind: FactorKind) -> tuple[int, ...]:
    """The ranks at which the factors reproduce the weight exactly."""
    output, inputs, kernel, _ = extents
    if kind == "spatial":
        return (min(inputs * kernel[0], output * kernel[1]),)
    if kind == "tucker2":
        return (min(inputs, output * prod(kernel)), min(output, inputs * prod(kernel)))
    if kind == "cp":
        return (min(inputs * output, inputs * prod(kernel), output * prod(kernel)),)
    return (min(output, inputs * prod(kernel)),)


def with_ranks(extents: Extents, kind: FactorKind, ranks: tuple[int, ...]) -> Factor:
    """The factorisation with these ranks, whether it saves or not; less where the core cannot have so many."""
    output, inputs, kernel, spread = extents
    if kind == "spatial":
        first, second = inputs * kernel[0] * ranks[0], ranks[0] * kernel[1] * output
        macs = first * (spread[1] if spread else 1.0) + second
        return Factor(kind, ranks, first + second, macs / extents.weights, not spread)
    if kind == "tucker2":
        ranks = (min(ranks[0], ranks[1] * prod(kernel)), min(ranks[1], ranks[0] * prod(kernel)))
        down, core, up = inputs * ranks[0], ranks[0] * prod(kernel) * ranks[1], ranks[1] * output
        macs = down * prod(spread) + core + up
        return Factor(kind, ranks, down + core + up, macs / extents.weights, not spread)
    if kind == "cp":
        down, rest = ranks[0] * inputs, ranks[0] * (prod(kernel) + output)
        return Factor(kind, ranks, down + rest, (down * prod(spread) + rest) / extents.weights, not spread)
    read = 1 if kind == "separable" else inputs
    params = ranks[0] * (read * prod(kernel) + output)
    return Factor(kind, ranks, params, params / extents.weights)


def saves(extents: Extents, factor: Factor) -> bool:
    """Whether the factors have fewer weights than the layer and do not need more multiply-accumulates."""
    return factor.params < extents.weights and factor.macs_ratio <= 1.0


def break_even(extents: Extents, kind: FactorKind) -> int:
    """The smallest rank (of both sides, for Tucker-2) that does not save; 1 where none saves."""
    full = full_ranks(extents, kind)
    low, high = 1, max(full) + 1
    while low < high:
        middle = (low + high) // 2
        if saves(extents, with_ranks(extents, kind, tuple(min(middle, whole) for whole in full))):
            low = middle + 1
        else:
            high = middle
    return low


def within(extents: Extents, kind: FactorKind, share: float) -> Factor | str:
    """The factorisation with the largest ranks that takes at most `share` of the layer's weights and of its MACs."""
    full = full_ranks(extents, kind)
    low, high = 0, max(full)
    while low < high:
        middle = (low + high + 1) // 2
        factor = with_ranks(extents, kind, _scaled(full, middle / max(full)))
        if factor.params <= share * extents.weights and factor.macs_ratio <= share:
            low = middle
        else:
            high = middle - 1
    if low:
        factor = with_ranks(extents, kind, _scaled(full, low / max(full)))
        if saves(extents, factor):
            return factor
    return f"{share:.0%} of its size is less than rank 1 takes" if not low else "no rank would save"


@lru_cache(maxsize=16_384, typed=True)
def _factorise(extents: Extents, kind: FactorKind, rank: float | int, measure: str) -> Factor | str:
    """`factorise` on what it depends on; kept, since a slider asks for all layers again and again."""
    if rank <= 0:
        return f"a rank must be above 0, not {rank:g}"
    full = full_ranks(extents, kind)
    share = isinstance(rank, float)
    if share and measure == "size":
        return within(extents, kind, rank)
    ranks = _scaled(full, rank) if share else tuple(min(whole, int(rank)) for whole in full)
    factor = with_ranks(extents, kind, ranks)
    if share and measure == "energy":
        return _bound(extents, factor)
    if saves(extents, factor):
        return factor
    limit = break_even(extents, kind)
    asked, of = (" and ".join(map(str, sizes)) for sizes in (ranks, full))
    return f"rank {asked} of {of} would not save; " + (f"it saves below {limit}" if limit > 1 else "no rank would")


def _scaled(full: tuple[int, ...], share: float) -> tuple[int, ...]:
    """A share of the full ranks, at least 1."""
    return tuple(max(1, min(whole, round(share * whole))) for whole in full)


def _splits(layer: Layer) -> bool:
    """Whether a kernel has a height and a width to be split into."""
    return len(layer.kernel) == 2 and 1 not in layer.kernel


def _bound(extents: Extents, costliest: Factor) -> Factor | str:
    """The costliest factorisation that can come out where the weights decide on the rank."""
    limit = break_even(extents, costliest.kind)
    if limit == 1:
        return "no rank would save"
    cheaper = tuple(min(rank, limit - 1) for rank in costliest.ranks)
    factor = costliest if saves(extents, costliest) else with_ranks(extents, costliest.kind, cheaper)
    return replace(factor, approximate=True)
