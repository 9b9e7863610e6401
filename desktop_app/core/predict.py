"""What a recipe will make of a model, told before anything runs: the line under the tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.changed_cost import Kept, changed_cost
from desktop_app.core.changed_time import changeover_ms, on_integers, time_ratio
from desktop_app.core.cut import Cut, expected_cuts
from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost
from desktop_app.core.rank import Factor
from desktop_app.core.rank_choice import competing_factors
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.structure import unfit_for
from desktop_app.core.summary import LayerProfile, ModelSummary

UNCHANGED = LayerSettings()


class Prediction(Struct, frozen=True):
    """What a recipe will make of a model.

    Attributes:
        cost: Of the whole model.
        latency_ms: Estimate from the measured profile; None without one.
        layers: Layer name to its predicted cost; layers that stay as they are included.
        refusals: Layer name, then knob, to the reason why what is asked for will not happen.
        kept: Channel group to the number of its channels that stay, for the groups of which some go.
        milliseconds: Layer name to its share of `latency_ms`; empty without a profile.
    """

    cost: Cost
    latency_ms: float | None
    layers: dict[str, Cost]
    refusals: dict[str, dict[str, str]]
    kept: dict[int, int] = {}
    milliseconds: dict[str, float] = {}


def predict(summary: ModelSummary, recipe: Recipe, profile: LayerProfile | None = None) -> Prediction:
    """Predicts size, multiply-accumulates and latency of `summary`'s model under `recipe`.

    Parameters and MACs are exact where the recipe alone decides (ratios per layer, ranks); they are estimates where
    the weights decide (global ranking, kept energy, ranks that are chosen for a target: as if all layers took the same
    share of it; of a signal to noise ratio nothing is foretold). Bytes and latency are estimates.
    """
    settings = recipe.settings_of(summary.layers)
    around = expected(summary, recipe, settings)
    rows = Rows()
    integers = False
    for layer in summary.layers:
        asked = settings[layer.name]
        rows.put(layer.name, predict_row(layer, asked, recipe, around, profile, integers=integers))
        integers = on_integers(layer, asked, recipe)
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
        costs, refusals = self.costs.copy(), self.refusals.copy()
        if profile is None:
            return Prediction(total, None, costs, refusals, dict(kept))
        unowned = profile.total_ms - sum(profile.milliseconds.values())
        latency = sum(self.milliseconds.values()) + max(unowned, 0.0)
        latency += (1.0 - profile.realised) * max(profile.total_ms - latency, 0.0)
        return Prediction(total, latency, costs, refusals, dict(kept), self.milliseconds.copy())


def expected(summary: ModelSummary, recipe: Recipe, settings: Mapping[str, LayerSettings]) -> Expected:
    """What a recipe makes of the channel groups of a model, and of ranks that are chosen over all layers."""
    pruning = recipe.methods.prune.unit == "channels"
    cuts = expected_cuts(summary.layers, summary.groups, recipe, settings) if pruning else {}
    ranks = competing_factors(summary.layers, settings, recipe.methods.low_rank)
    channels = {group.id: group.channels for group in summary.groups}
    return Expected(cuts, {group: cut.keep for group, cut in cuts.items()}, channels, ranks)


def predict_row(
    layer: Layer,
    settings: LayerSettings,
    recipe: Recipe,
    around: Expected,
    profile: LayerProfile | None,
    *,
    integers: bool,
) -> Row:
    """What will become of one layer.

    Its time counts what it takes to go over from floats to integers, or back, in front of it: rows are taken to read
    what the row before them gives.

    Args:
        layer: The layer.
        settings: What is asked of it.
        recipe: All that is asked for.
        around: What is expected of channel groups and ranks.
        profile: Measured times; None predicts no time.
        integers: Whether the row before it computes on integers.
    """
    refused = _refusals(layer, settings, around.cuts)
    asked = UNCHANGED if settings.locked else settings
    kept = _kept(layer, around)
    cost = changed_cost(layer, asked, recipe, kept, refused, around.ranks.get(layer.name))
    places = _share_of_places(layer, recipe)
    took = 0.0
    if profile is not None:
        ratio = time_ratio(layer, settings, recipe, refused, kept, cost, profile)
        now = on_integers(layer, settings, recipe)
        took = profile.milliseconds.get(layer.name, 0.0) * ratio
        took = places * (took + changeover_ms(layer, kept, profile, before=integers, now=now))
    return Row(cost if places == 1.0 else replace(cost, macs=round(places * cost.macs)), refused, took)


def _kept(layer: Layer, around: Expected) -> Kept:
    """What the cuts of channel groups leave of a layer."""
    kept, channels = around.kept, around.channels
    gone = sum([one.removed(kept, channels) for one in layer.beside]) if layer.beside else 0
    return Kept(layer.output.kept(kept, channels), layer.input.kept(kept, channels), gone)


def _share_of_places(layer: Layer, recipe: Recipe) -> float:
    """How many of the places stay at which a layer computes: those of a picture are fewer at a lower resolution."""
    share = recipe.methods.restructure.resolution**2
    return share if share < 1.0 and _has_places(layer) else 1.0


def _has_places(layer: Layer) -> bool:
    """Whether the layer computes at the places of a picture."""
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
