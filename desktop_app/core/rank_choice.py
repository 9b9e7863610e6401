"""Ranks that are chosen over all layers at once: as a run has written them out, or as a prediction takes them to be."""

from collections.abc import Mapping, Sequence
from math import prod

from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.methods import LowRankMethod
from desktop_app.core.rank import Factor, extents_of, full_ranks, kind_for, kinds_for, unfit, with_ranks
from desktop_app.core.settings import LayerSettings


def chosen(layer: Layer, method: LowRankMethod, left: tuple[int, int] | None = None) -> Factor | None:
    """The factorisation that a run has written out for the layer; None where there is none, or none that fits it."""
    word, *ranks = method.chosen.get(layer.name, "").split(" ")
    kinds = () if unfit(layer, method) else kinds_for(layer, replace(method, kind="auto"))
    kind = next((kind for kind in kinds if kind == word), None)
    if kind is None:
        return None
    extents = extents_of(layer, kind, left)
    full = full_ranks(extents, kind)
    if len(ranks) != len(full):
        return None
    return with_ranks(extents, kind, tuple(min(int(rank), most) for rank, most in zip(ranks, full, strict=True)))


def competing_factors(
    layers: Sequence[Layer], settings: Mapping[str, LayerSettings], method: LowRankMethod
) -> dict[str, Factor]:
    """What layers become whose ranks are chosen: as written out, or estimates that bring the model to its target."""
    if not method.automatic:
        return {}
    competing = [
        layer
        for layer in layers
        if settings[layer.name].rank is None
        and not settings[layer.name].locked
        and not (layer.refusals.get("rank") or unfit(layer, method))
    ]
    if method.chosen:
        found = {layer.name: chosen(layer, method) for layer in competing}
        return {name: factor for name, factor in found.items() if factor is not None}
    total, own = sum(layer.macs for layer in layers), sum(layer.macs - layer.beside_macs for layer in competing)
    share = 1.0 - (1.0 - (method.target_macs or 1.0)) * total / max(own, 1)
    if share >= 1.0:
        return {}
    share = max(share, 0.0)
    return {
        layer.name: Factor(kind_for(layer, method), (), round(share * prod(layer.weight_shape)), share, True)
        for layer in competing
    }


def written(factor: Factor) -> str:
    """A factorisation as `chosen` reads it."""
    return " ".join(map(str, (factor.kind, *factor.ranks)))
