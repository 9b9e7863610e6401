"""What a recipe will make of a model, told before anything runs: the line under the tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.cut import Cut, expected_cuts
from desktop_app.core.layer import Layer
from desktop_app.core.methods import Block
from desktop_app.core.outcome import Cost
from desktop_app.core.rank import Factor, factorise
from desktop_app.core.rank_choice import competing_factors
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.structure import pointwise, rewritten, unfit_for
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.core.timing import row_ratio

LATENCY_BY_BITS: Mapping[int, float] = {32: 1.0, 16: 1.0, 8: 0.6, 4: 1.0, 2: 1.0}
"""Time of a layer relative to float where activations are quantised too: a rule of thumb until it is measured."""

SCALE_BYTES = 5
"""A scale and a zero point for each output channel."""

SPARE_BITS = 0.75
"""What scales may take for each weight in 4 and 2 bits where the blocks are chosen by what the layers lose."""

ROUNDING_NODES_BYTES, FACTOR_NODES_BYTES = 1_200, 400
"""What the nodes take, about, that round a layer's inputs and decode its weights; and a second part of a layer."""

SPARSE_NODES_BYTES = 300
"""What expands a sparse weight, about."""

UNCHANGED = LayerSettings()


class Prediction(Struct, frozen=True):
    """What a recipe will make of a model.

    Attributes:
        cost: Of the whole model.
        latency_ms: Estimate from the measured profile; None without one.
        layers: Layer name to its predicted cost; layers that stay as they are included.
        refusals: Layer name, then knob, to the reason why what is asked for will not happen.
        kept: Channel group to the number of its channels that stay, for the groups of which some go.
    """

    cost: Cost
    latency_ms: float | None
    layers: dict[str, Cost]
    refusals: dict[str, dict[str, str]]
    kept: dict[int, int] = {}


def predict(summary: ModelSummary, recipe: Recipe, profile: LayerProfile | None = None) -> Prediction:
    """Predicts size, multiply-accumulates and latency of `summary`'s model under `recipe`.

    Parameters and MACs are exact where the recipe alone decides (ratios per layer, ranks); they are estimates where
    the weights decide (global ranking, kept energy, ranks that are chosen for a target: as if all layers took the same
    share of it; of a signal to noise ratio nothing is foretold). Bytes and latency are estimates.
    """
    settings = recipe.settings_of(summary.layers)
    around = expected(summary, recipe, settings)
    rows = Rows()
    for layer in summary.layers:
        rows.put(layer.name, predict_row(layer, settings[layer.name], recipe, around, profile))
    return rows.told(_total(rows.costs, summary.overhead_bytes), around.kept, profile)


class Expected(NamedTuple):
    """What is expected of channel groups and ranks, and what that makes of every layer.

    Attributes:
        cuts: Channel group to its cut, for those that are cut.
        kept: The same to the number of its channels that stay.
        channels: Every channel group to the number of its channels.
        ranks: Layer to its factors, where layers compete for them.
    """

    cuts: dict[int, Cut]
    kept: dict[int, int]
    channels: Mapping[int, int]
    ranks: Mapping[str, Factor]


class Row(NamedTuple):
    """What will become of a layer: its cost, knob to the reason why it will not be turned, and its time in ms."""

    cost: Cost
    refused: dict[str, str]
    milliseconds: float


@dataclass
class Rows:
    """What will become of every layer, by its name, kept so that single ones can be predicted again."""

    costs: dict[str, Cost] = field(default_factory=dict)
    refusals: dict[str, dict[str, str]] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)

    def put(self, name: str, row: Row) -> None:
        """Takes what will become of one layer, in place of what was told before."""
        self.costs[name], self.milliseconds[name] = row.cost, row.milliseconds
        if row.refused:
            self.refusals[name] = row.refused
        else:
            self.refusals.pop(name, None)

    def told(self, total: Cost, kept: Mapping[int, int], profile: LayerProfile | None) -> Prediction:
        """All of it as a value, of which nothing changes later."""
        latency = None
        if profile is not None:
            unowned = profile.total_ms - sum(profile.milliseconds.values())
            latency = sum(self.milliseconds.values()) + max(unowned, 0.0)
        return Prediction(total, latency, self.costs.copy(), self.refusals.copy(), dict(kept))


def expected(summary: ModelSummary, recipe: Recipe, settings: Mapping[str, LayerSettings]) -> Expected:
    """What a recipe makes of the channel groups of a model, and of ranks that are chosen over all layers."""
    pruning = recipe.methods.prune.unit == "channels"
    cuts = expected_cuts(summary.layers, summary.groups, recipe, settings) if pruning else {}
    ranks = competing_factors(summary.layers, settings, recipe.methods.low_rank)
    channels = {group.id: group.channels for group in summary.groups}
    return Expected(cuts, {group: cut.keep for group, cut in cuts.items()}, channels, ranks)


def predict_row(
    layer: Layer, settings: LayerSettings, recipe: Recipe, around: Expected, profile: LayerProfile | None
) -> Row:
    """What will become of one layer."""
    cuts, kept, channels, ranks = around
    refused = _refusals(layer, settings, cuts)
    output, inputs = layer.output.kept(kept, channels), layer.input.kept(kept, channels)
    gone = sum([one.removed(kept, channels) for one in layer.beside]) if layer.beside else 0
    asked = UNCHANGED if settings.locked else settings
    cost = _cost(layer, asked, recipe, (output, inputs, gone), refused, ranks.get(layer.name))
    fewer = recipe.methods.restructure.resolution**2
    places = fewer if fewer < 1.0 and _has_places(layer) else 1.0
    took = 0.0
    if profile is not None:
        ratio = _time_ratio(layer, cost, settings, recipe, refused, (output, inputs), profile)
        took = profile.milliseconds.get(layer.name, 0.0) * ratio * places
    return Row(cost if places == 1.0 else replace(cost, macs=round(places * cost.macs)), refused, took)


def _has_places(layer: Layer) -> bool:
    """Whether the layer computes at the places of a picture, of which there are fewer at a lower resolution."""
    return len(layer.output_shape) == len("nchw") and prod(layer.output_shape[2:]) > 1


def _total(layers: Mapping[str, Cost], overhead_bytes: int) -> Cost:
    costs = layers.values()
    return Cost(
        overhead_bytes + sum(cost.bytes for cost in costs),
        sum(cost.params for cost in costs),
        sum(cost.macs for cost in costs),
    )


def _refusals(layer: Layer, settings: LayerSettings, cuts: Mapping[int, Cut]) -> dict[str, str]:
    """Knob to reason, for what is asked of this layer and will not happen."""
    refused: dict[str, str] = {}
    if settings.structure != "keep" and "structure" in layer.refusals:
        refused["structure"] = unfit_for(layer, settings.structure) or layer.refusals["structure"]
    if settings.prune > 0:
        reason = layer.refusals.get("prune", "") or _uncut(layer, cuts)
        if reason:
            refused["prune"] = reason
    changed = settings.structure != "keep" and "structure" not in refused
    if settings.rank is not None and "rank" in layer.refusals and not changed:
        refused["rank"] = layer.refusals["rank"]
    if settings.bits < layer.bits and "bits" in layer.refusals:
        refused["bits"] = layer.refusals["bits"]
    return refused


def _uncut(layer: Layer, cuts: Mapping[int, Cut]) -> str:
    """Why no channel of a layer goes; empty where one does, or none is asked for."""
    reason = ""
    for span in layer.output.spans:
        cut = cuts.get(span.group)
        if cut is not None:
            if not cut.refusal:
                return ""
            reason = reason or cut.refusal
    return reason


def _cost(
    layer: Layer,
    settings: LayerSettings,
    recipe: Recipe,
    cut: tuple[int, int, int],
    refused: dict[str, str],
    chosen: Factor | None,
) -> Cost:
    """The layer's cost when it is rewritten, cut, factorised (as asked or `chosen`) and quantised.

    `cut` is how many output and input channels are left, and how many elements of `Layer.beside` go.

    Adds to `refused` what turns out not to save.
    """
    start = layer.cleaned or Cost(layer.bytes, layer.params, layer.macs)
    output, inputs, beside_gone = cut
    whole = layer.output.size * layer.input.size
    area = output * inputs
    weights = prod(layer.weight_shape) if layer.weight_shape else 0
    whole_rank = settings.rank is None and chosen is None and settings.structure == "keep"
    unchanged = area == whole and not beside_gone and whole_rank and settings.bits >= layer.bits
    if not weights or not whole or (unchanged and not settings.prune > 0):
        return start
    macs, macs_beside = layer.macs_left(output, inputs)
    if start.params < weights:  # the weight is shared, and counted to another layer
        stored = start.bytes * (start.params - beside_gone) // max(start.params, 1)
        return Cost(stored, start.params - beside_gone, macs + macs_beside)
    beside = start.params - weights
    beside_left = beside - layer.per_channel * (layer.output.size - output) - beside_gone
    left = weights * area // whole
    parts = _rewritten(layer, settings, recipe, (output, inputs), refused)
    if parts is not None:
        left, macs = parts[0], round(macs * parts[1])
    elif settings.rank is not None and "rank" not in refused:
        factor = factorise(layer, settings.rank, recipe.methods.low_rank, (output, inputs))
        if isinstance(factor, Factor):
            left, macs = factor.params, round(macs * factor.macs_ratio)
        else:
            refused["rank"] = factor
    elif chosen is not None:
        left, macs = min(round(left * chosen.params / weights), left), round(macs * chosen.macs_ratio)
    bits = layer.bits if "bits" in refused else min(settings.bits, layer.bits)
    scales = _scale_bytes(bits, output, left, recipe.methods.quantize.block) if bits < layer.bits else 0
    parts_of_it = 2 if left < weights * area // whole else 1
    nodes = FACTOR_NODES_BYTES * (parts_of_it - 1)
    if bits < layer.bits and bits in recipe.methods.quantize.integer_bits and recipe.rounds_activations(layer):
        nodes += ROUNDING_NODES_BYTES * (parts_of_it if parts_of_it == 1 else parts_of_it + 1)  # and between them
    stored = left * bits // 8
    if recipe.methods.prune.unit != "channels" and settings.prune > 0 and "prune" not in refused:
        stored = min(stored, _sparse_bytes(stored, left, settings, recipe))
    bytes_beside = start.bytes - weights * layer.bits // 8
    if beside:
        bytes_beside = bytes_beside * beside_left // beside
    return Cost(stored + scales + nodes + max(bytes_beside, 0), left + beside_left, macs + macs_beside)


def _rewritten(
    layer: Layer, settings: LayerSettings, recipe: Recipe, cut: tuple[int, int], refused: dict[str, str]
) -> tuple[int, float] | None:
    """Weights and share of the operations of a layer that becomes another; None where it stays.

    What keeps it as it is, or its second part whole, is added to `refused`.
    """
    if settings.structure == "keep" or "structure" in refused:
        return None
    factor = rewritten(layer, settings, recipe.methods.restructure, cut)
    if isinstance(factor, str):
        refused["structure"] = factor
        return None
    if settings.rank is None or factor.kind == "stacked":
        return factor.params, factor.macs_ratio
    last = pointwise(layer, factor, cut[0])
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
    if bits == 8 or block is None:
        return output * SCALE_BYTES
    return round(weights * SPARE_BITS / 8) if block == "auto" else 2 * weights // block


def _time_ratio(
    layer: Layer,
    cost: Cost,
    settings: LayerSettings,
    recipe: Recipe,
    refused: Mapping[str, str],
    left: tuple[int, int],
    profile: LayerProfile,
) -> float:
    """Estimated time of the changed layer over its time now: by its measured curve, else by its work.

    `left` are the output and input channels that stay. Ranks of other kinds than "channel" change the work only.
    """
    work = cost.macs / layer.macs if layer.macs else 1.0
    quantised = settings.bits < min(layer.bits, 16) and "bits" not in refused and recipe.methods.quantize.activations
    quantised = quantised and (layer.origin or layer.name) not in recipe.methods.quantize.weights_only
    quantised = quantised and not settings.locked
    curve = profile.curves.get(layer.name)
    calibrated = settings.bits in recipe.methods.quantize.integer_bits
    if curve is None or (quantised and not calibrated):
        return work * (LATENCY_BY_BITS.get(settings.bits, 1.0) if quantised else 1.0)
    rank = _rank_between(layer, settings, recipe, refused, left)
    if left == (layer.output.size, layer.input.size) and not quantised and rank is None:
        return work
    own = sum(layer.macs_left(*left))
    milliseconds = profile.milliseconds.get(layer.name, 0.0)
    return row_ratio(layer, curve, milliseconds, left, cost.macs / own if own else 1.0, int8=bool(quantised), rank=rank)


def _rank_between(
    layer: Layer, settings: LayerSettings, recipe: Recipe, refused: Mapping[str, str], left: tuple[int, int]
) -> int | None:
    """Channels between a convolution and one of 1 x 1 that take a layer's place; None where none do."""
    if settings.locked or settings.rank is None or settings.structure != "keep" or "rank" in refused:
        return None
    factor = factorise(layer, settings.rank, recipe.methods.low_rank, left)
    two = isinstance(factor, Factor) and factor.kind in ("channel", "svd")
    return factor.ranks[0] if two and isinstance(factor, Factor) else None
