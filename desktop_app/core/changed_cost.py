"""What a layer costs once it is changed: told from its settings, without its weights."""

from math import prod

from msgspec import Struct

from desktop_app.core.layer import Layer
from desktop_app.core.methods import Block
from desktop_app.core.outcome import Cost
from desktop_app.core.rank import Factor, factorise
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import ON_INTEGERS, LayerSettings
from desktop_app.core.structure import pointwise, rewritten

SCALE_BYTES = 5
"""A scale and a zero point for each output channel."""

SPARE_BITS = 0.75
"""What scales may take for each weight in 4 and 2 bits where the blocks are chosen by what the layers lose."""

ROUNDING_NODES_BYTES, FACTOR_NODES_BYTES = 1_200, 400
"""What the nodes take, about, that round a layer's inputs and decode its weights; and a second part of a layer."""

PACKED_NODES_BYTES = 700
"""What takes apart bytes that several integers share, about."""

SPARSE_NODES_BYTES = 300
"""What expands a sparse weight, about."""


class Kept(Struct, frozen=True, gc=False):
    """What a cut leaves of a layer: its output and input channels; and how many elements of `Layer.beside` go."""

    output: int
    inputs: int
    beside_gone: int = 0


class Product(Struct, frozen=True, gc=False):
    """A layer without what stands beside its weight: so many weights, and multiply-accumulates with them."""

    weights: int
    macs: int


def changed_cost(
    layer: Layer, settings: LayerSettings, recipe: Recipe, kept: Kept, refused: dict[str, str], chosen: Factor | None
) -> Cost:
    """The layer's cost when it is cut, rewritten, factorised (as asked or `chosen`) and quantised.

    Adds to `refused` what turns out not to save.
    """
    start = layer.cleaned or Cost(layer.bytes, layer.params, layer.macs)
    weights, whole = prod(layer.weight_shape) if layer.weight_shape else 0, layer.output.size * layer.input.size
    if not weights or not whole or _unchanged(layer, settings, kept, chosen):
        return start
    macs, macs_beside = layer.macs_left(kept.output, kept.inputs)
    if start.params < weights:  # the weight is shared, and counted to another layer
        params = start.params - kept.beside_gone
        return Cost(start.bytes * params // max(start.params, 1), params, macs + macs_beside)
    cut = Product(weights * kept.output * kept.inputs // whole, macs)
    product = _in_its_place(layer, settings, recipe, kept, cut, refused, chosen)
    parts = 2 if product.weights < cut.weights else 1
    bits = layer.bits if "bits" in refused else min(settings.bits, layer.bits)
    stored = product.weights * bits // 8
    if bits < layer.bits and bits in recipe.methods.quantize.packed_bits:  # small weights keep a byte each
        stored = min(product.weights, stored + PACKED_NODES_BYTES * parts)
    if settings.prune > 0 and recipe.methods.prune.unit != "channels" and "prune" not in refused:
        stored = min(stored, _sparse_bytes(stored, product.weights, settings, recipe))
    if bits < layer.bits:
        stored += _scale_bytes(bits, kept.output, product.weights, recipe.methods.quantize.block)
        stored += _rounding_bytes(layer, recipe, bits, parts)
    stored += FACTOR_NODES_BYTES * (parts - 1)
    beside_bytes, beside = _beside(layer, start, weights, kept)
    return Cost(stored + beside_bytes, product.weights + beside, product.macs + macs_beside)


def _unchanged(layer: Layer, settings: LayerSettings, kept: Kept, chosen: Factor | None) -> bool:
    """Whether nothing is asked of a layer, and nothing of it goes with others."""
    if settings.prune > 0 or settings.bits < layer.bits or settings.rank is not None or settings.structure != "keep":
        return False
    cut = kept.output < layer.output.size or kept.inputs < layer.input.size or kept.beside_gone
    return chosen is None and not cut


def _in_its_place(
    layer: Layer,
    settings: LayerSettings,
    recipe: Recipe,
    kept: Kept,
    cut: Product,
    refused: dict[str, str],
    chosen: Factor | None,
) -> Product:
    """What takes the place of a cut layer: another structure, factors as asked, or those chosen; else itself."""
    becomes = _rewritten(layer, settings, recipe, kept, refused)
    if becomes is not None:
        weights, share = becomes
        return Product(weights, round(cut.macs * share))
    if settings.rank is not None and "rank" not in refused:
        factor = factorise(layer, settings.rank, recipe.methods.low_rank, (kept.output, kept.inputs))
        if isinstance(factor, Factor):
            return Product(factor.params, round(cut.macs * factor.macs_ratio))
        refused["rank"] = factor
    elif chosen is not None:
        weights = round(cut.weights * chosen.params / prod(layer.weight_shape))
        return Product(min(weights, cut.weights), round(cut.macs * chosen.macs_ratio))
    return cut


def _rewritten(
    layer: Layer, settings: LayerSettings, recipe: Recipe, kept: Kept, refused: dict[str, str]
) -> tuple[int, float] | None:
    """Weights and share of the operations of a layer that becomes another; None where it stays.

    What keeps it as it is, or its second part whole, is added to `refused`.
    """
    if settings.structure == "keep" or "structure" in refused:
        return None
    factor = rewritten(layer, settings, recipe.methods.restructure, (kept.output, kept.inputs))
    if isinstance(factor, str):
        refused["structure"] = factor
        return None
    if settings.rank is None or factor.kind == "stacked":
        return factor.params, factor.macs_ratio
    last = pointwise(layer, factor, kept.output)
    thin = factorise(last, settings.rank, recipe.methods.low_rank)
    if isinstance(thin, str):
        refused["rank"] = thin
        return factor.params, factor.macs_ratio
    saved = last.output.size * last.input.size - thin.params
    return factor.params - saved, factor.macs_ratio * (factor.params - saved) / factor.params


def _sparse_bytes(dense: int, weights: int, settings: LayerSettings, recipe: Recipe) -> int:
    """What pruned weights take when they are stored sparse: each that stays, and where it is.

    That is a bit for each place, or a byte for the gap before each value, whichever is less.
    """
    keep = 1.0 - settings.prune
    if ":" in recipe.methods.prune.unit:
        kept, _, of = recipe.methods.prune.unit.partition(":")
        keep = int(kept) / max(int(of), 1) if kept.isdecimal() and of.isdecimal() else 1.0
    places = min(keep * weights, weights / 8)
    return dense if settings.bits < 8 else round(keep * dense + places) + SPARSE_NODES_BYTES


def _scale_bytes(bits: int, output: int, weights: int, block: Block) -> int:
    """What the scales of quantised weights take: one for each output channel, or for each block of weights."""
    if bits >= 16:
        return 0
    if bits in ON_INTEGERS or block is None:
        return output * SCALE_BYTES
    return round(weights * SPARE_BITS / 8) if block == "auto" else 2 * weights // block


def _rounding_bytes(layer: Layer, recipe: Recipe, bits: int, parts: int) -> int:
    """What the nodes take that round activations in front of a layer, and between its parts."""
    if bits not in recipe.methods.quantize.integer_bits or not recipe.rounds_activations(layer):
        return 0
    return ROUNDING_NODES_BYTES * (parts if parts == 1 else parts + 1)


def _beside(layer: Layer, start: Cost, weights: int, kept: Kept) -> tuple[int, int]:
    """Bytes and parameters left of what a layer has beside its weight: biases, constants for each channel."""
    size, beside = start.bytes - weights * layer.bits // 8, start.params - weights
    left = beside - layer.per_channel * (layer.output.size - kept.output) - kept.beside_gone
    return max(size * left // beside if beside else size, 0), left
