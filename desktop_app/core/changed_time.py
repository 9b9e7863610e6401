"""What a layer takes once it is changed, over what it takes now: by its measured curve, else by its work."""

from collections.abc import Mapping

from desktop_app.core.changed_cost import Kept
from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost
from desktop_app.core.rank import Factor, factorise
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import LayerProfile
from desktop_app.core.timing import row_ratio

LATENCY_BY_BITS: Mapping[int, float] = {32: 1.0, 16: 1.0, 8: 0.6, 6: 0.6, 4: 1.0, 2: 1.0}
"""Time of a layer relative to float where activations are quantised too: a rule of thumb until it is measured."""


def time_ratio(
    layer: Layer,
    settings: LayerSettings,
    recipe: Recipe,
    refused: Mapping[str, str],
    kept: Kept,
    cost: Cost,
    profile: LayerProfile,
) -> float:
    """Estimated time of the changed layer, which then has such a cost, over its time now.

    Ranks of other kinds than "channel" change the work only. Weights of bits that no kernel multiplies are stored
    so, and multiplied in float.
    """
    work = cost.macs / layer.macs if layer.macs else 1.0
    rounded, integers = _activations_too(layer, settings, recipe), on_integers(layer, settings, recipe)
    curve = profile.curves.get(layer.name)
    if curve is None or (rounded and recipe.methods.quantize.activations is not True):
        return work * (LATENCY_BY_BITS.get(settings.bits, 1.0) if rounded else 1.0)
    widths = (kept.output, kept.inputs)
    rank = _rank_between(layer, settings, recipe, refused, widths)
    if widths == (layer.output.size, layer.input.size) and not integers and rank is None:
        return work
    own = sum(layer.macs_left(*widths))
    milliseconds = profile.milliseconds.get(layer.name, 0.0)
    return row_ratio(layer, curve, milliseconds, widths, cost.macs / own if own else 1.0, int8=integers, rank=rank)


def on_integers(layer: Layer, settings: LayerSettings, recipe: Recipe) -> bool:
    """Whether a layer will compute on integers of 8 bits: its kernel then reads and gives them."""
    return settings.bits in recipe.methods.quantize.integer_bits and _activations_too(layer, settings, recipe)


def changeover_ms(layer: Layer, kept: Kept, profile: LayerProfile, *, before: bool, now: bool) -> float:
    """Milliseconds in front of a layer for going over from floats to integers, or back.

    Args:
        layer: The layer.
        kept: What stays of its channels: only these are gone over.
        profile: Has the times.
        before: Whether what the layer reads are integers.
        now: Whether it computes on integers.
    """
    curve = profile.curves.get(layer.name)
    if curve is None or before == now:
        return 0.0
    return 1e-3 * curve.changeover[0 if now else 1] * kept.inputs / max(layer.input.size, 1)


def _activations_too(layer: Layer, settings: LayerSettings, recipe: Recipe) -> bool:
    """Whether the layer gets fewer bits, and its activations with its weights."""
    if settings.locked or settings.bits >= min(layer.bits, 16) or "bits" in layer.refusals:
        return False
    method = recipe.methods.quantize
    return bool(method.activations) and (layer.origin or layer.name) not in method.weights_only


def _rank_between(
    layer: Layer, settings: LayerSettings, recipe: Recipe, refused: Mapping[str, str], widths: tuple[int, int]
) -> int | None:
    """Channels between a convolution and one of 1 x 1 that take a layer's place; None where none do."""
    if settings.locked or settings.rank is None or settings.structure != "keep" or "rank" in refused:
        return None
    factor = factorise(layer, settings.rank, recipe.methods.low_rank, widths)
    if not isinstance(factor, Factor) or factor.kind not in ("channel", "svd"):
        return None
    return factor.ranks[0]
