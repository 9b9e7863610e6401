"""What a recipe will make of a model, told before anything runs: the line under the tree."""

from collections.abc import Mapping

from msgspec import Struct

from desktop_app.core.cut import Cut, cut_groups
from desktop_app.core.layer import Axis, Layer
from desktop_app.core.outcome import Cost
from desktop_app.core.rank import Factor, factorise
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import LayerProfile, ModelSummary

LATENCY_BY_BITS: Mapping[int, float] = {32: 1.0, 16: 1.0, 8: 0.6, 4: 1.0}
"""Time of a layer relative to float where activations are quantised too: a rule of thumb until it is measured."""


class Prediction(Struct, frozen=True):
    """What a recipe will make of a model.

    Attributes:
        cost: Of the whole model.
        latency_ms: Estimate from the measured profile; None without one.
        layers: Layer name to its predicted cost; layers that stay as they are included.
        refusals: Layer name, then knob, to the reason why what is asked for will not happen.
    """

    cost: Cost
    latency_ms: float | None
    layers: dict[str, Cost]
    refusals: dict[str, dict[str, str]]


def predict(summary: ModelSummary, recipe: Recipe, profile: LayerProfile | None = None) -> Prediction:
    """Predicts size, multiply-accumulates and latency of `summary`'s model under `recipe`.

    Parameters and MACs are exact where the recipe alone decides (ratios per layer, ranks); they are estimates where
    the weights decide (global ranking, kept energy). Bytes and latency are estimates.
    """
    pruning_channels = recipe.methods.prune.unit == "channels"
    cuts = cut_groups(summary.layers, summary.groups, recipe) if pruning_channels else {}
    kept = {group: cut.keep for group, cut in cuts.items()}
    channels = {group.id: group.channels for group in summary.groups}
    layers: dict[str, Cost] = {}
    refusals: dict[str, dict[str, str]] = {}
    latency = 0.0
    for layer in summary.layers:
        settings = recipe.settings_for(layer)
        refused = _refusals(layer, settings, cuts)
        cost = _cost(layer, settings, recipe, kept, channels, refused)
        if refused:
            refusals[layer.name] = refused
        layers[layer.name] = cost
        if profile is not None:
            latency += profile.milliseconds.get(layer.name, 0.0) * _time_ratio(layer, cost, settings, recipe, refused)
    total = sum(layers.values(), Cost(bytes=summary.overhead_bytes))
    if profile is None:
        return Prediction(total, None, layers, refusals)
    unowned = profile.total_ms - sum(profile.milliseconds.values())
    return Prediction(total, latency + max(unowned, 0.0), layers, refusals)


def _refusals(layer: Layer, settings: LayerSettings, cuts: Mapping[int, Cut]) -> dict[str, str]:
    """Knob to reason, for what is asked of this layer and will not happen."""
    refused: dict[str, str] = {}
    if settings.prune > 0:
        own = [cuts[span.group] for span in layer.output.spans if span.group in cuts]
        reason = layer.refusals.get("prune", "") or (own[0].refusal if own and all(cut.refusal for cut in own) else "")
        if reason:
            refused["prune"] = reason
    if settings.rank is not None and "rank" in layer.refusals:
        refused["rank"] = layer.refusals["rank"]
    if settings.bits < layer.bits and "bits" in layer.refusals:
        refused["bits"] = layer.refusals["bits"]
    return refused


def _cost(
    layer: Layer,
    settings: LayerSettings,
    recipe: Recipe,
    kept: Mapping[int, int],
    channels: Mapping[int, int],
    refused: dict[str, str],
) -> Cost:
    """The layer's cost after cutting, factorising and quantising; adds to `refused` what turns out not to save."""
    output, inputs = layer.output.kept(kept, channels), layer.input.kept(kept, channels)
    weights = _weights(layer)
    if not weights:
        return Cost(layer.bytes, layer.params, layer.macs)
    fixed = layer.params - weights - layer.per_channel * layer.output.size
    per_channel = layer.per_channel * output
    cut_weights = weights // (layer.output.size * layer.input.size) * output * inputs
    cut_macs = layer.macs * output * inputs // (layer.output.size * layer.input.size)
    if settings.rank is not None and "rank" not in refused:
        factor = factorise(_cut(layer, output, inputs), settings.rank, recipe.methods.low_rank)
        if isinstance(factor, Factor):
            cut_weights, cut_macs = factor.params, round(cut_macs * factor.macs_ratio)
        else:
            refused["rank"] = factor
    params = cut_weights + per_channel + fixed
    stored_as_is = layer.bytes - weights * layer.bits // 8
    bits = layer.bits if "bits" in refused else min(settings.bits, layer.bits)
    scales = output * 5 if bits < 16 else 0
    others = stored_as_is * (per_channel + fixed) // max(layer.params - weights, 1)
    return Cost(cut_weights * bits // 8 + scales + max(others, 0), params, cut_macs)


def _weights(layer: Layer) -> int:
    """Elements of the weight itself."""
    elements = 1
    for size in layer.weight_shape:
        elements *= size
    return elements if layer.weight_shape else 0


def _cut(layer: Layer, output: int, inputs: int) -> Layer:
    from msgspec.structs import replace

    groups = layer.convolution_groups
    if groups > 1 and groups == layer.output.size:
        groups = output
    return replace(layer, output=Axis(output), input=Axis(inputs), convolution_groups=groups)


def _time_ratio(layer: Layer, cost: Cost, settings: LayerSettings, recipe: Recipe, refused: Mapping[str, str]) -> float:
    """Estimated time of the changed layer over its time now."""
    work = cost.macs / layer.macs if layer.macs else 1.0
    quantised = settings.bits < min(layer.bits, 16) and "bits" not in refused and recipe.methods.quantize.activations
    return work * (LATENCY_BY_BITS.get(settings.bits, 1.0) if quantised else 1.0)
