"""Channels cut out of all layers that share them; what reads them is refitted on calibration data."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from desktop_app.core.cut import Cut, cut_groups
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.counterparts import own_output
from desktop_app.graph.cutting import cut_channels
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Kept, Step, StepResult, cost_of
from desktop_app.steps.channel_pruning.allocation import allocate
from desktop_app.steps.channel_pruning.judging import judge
from desktop_app.steps.channel_pruning.promise import allocate_in_time
from desktop_app.steps.channel_pruning.refit import refit
from desktop_app.steps.channel_pruning.settling import settled_widths
from desktop_app.steps.ledger import Ledger

NO_CHANNELS = "it makes no channels that could be cut"
OUTRANKED = "all its channels rank above those that go"


class PruneChannels(Step):
    """Removes whole channels, all that are coupled together.

    Which channels stay is told by the weights that make them, or by what their readers lose without them. What reads
    the others is fitted anew in closed form (He et al., Channel Pruning for Accelerating Very Deep Neural Networks,
    2017).
    """

    name = "prune_channels"
    title = "Channel pruning"
    knob = "prune"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether the recipe prunes channels, and some layer asks for it."""
        return recipe.methods.prune.unit == "channels" and bool(_asked(model, recipe))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layers whose channels cannot be cut, whatever is asked."""
        groups = model.channels.groups
        refused: dict[str, str] = {}
        for layer in model.layers:
            own = [groups[span.group].refusal for span in layer.output.spans]
            if not own:
                refused[layer.name] = NO_CHANNELS
            elif all(own):
                refused[layer.name] = own[0]
        return refused

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Cuts channels, see `Step.apply`."""
        method = recipe.methods.prune
        groups = model.channels.groups
        cuts = cut_groups(model.layers, groups, recipe)
        open_groups = [groups[group] for group, cut in cuts.items() if not cut.refusal]
        judged, notes = judge(model, open_groups, recipe, calibration, token)
        kept = {group: cuts[group].keep for group in judged}
        if judged and method.competing:
            share_out = allocate if method.target_latency is None else allocate_in_time
            kept, more = share_out(model, method, cuts, judged, token)
            notes += more
        keep = {group: judged[group].staying(n) for group, n in kept.items() if n < groups[group].channels}
        ledger = Ledger(self.name, self.title, model)
        _refuse(model, recipe, cuts, keep, ledger)
        if not keep:
            return ledger.close(model, notes)
        token.check()
        result = cut_channels(model, keep)
        if method.reconstruct:
            result, more = refit(model, result, keep, calibration, token, recipe.seed)
            notes += more
        _note_changes(model, result, keep, ledger)
        stayed = _stayed(model, keep)
        if not method.by_latency:
            return replace(ledger.close(result, notes), kept=stayed)
        settled, remark = settled_widths(model, result, recipe)
        return replace(ledger.close(result, [*notes, *([remark] if remark else [])]), recipe=settled, kept=stayed)


def _stayed(model: Model, keep: Mapping[int, np.ndarray]) -> dict[str, Kept]:
    """What stayed of the output of every layer that makes fewer channels."""
    stays = model.channels.staying(keep)
    found: dict[str, Kept] = {}
    for layer in model.layers:
        output = own_output(model, layer)
        axes = model.channels.axes_by_value.get(output, ())
        masks = tuple(None if labels is None or stays[labels].all() else stays[labels] for labels in axes)
        if any(mask is not None for mask in masks):
            found[output] = masks
    return found


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    """Layers that ask for pruning and are not locked, in execution order."""
    settings = recipe.settings_of(model.layers)
    return [layer for layer in model.layers if settings[layer.name].prune > 0 and not settings[layer.name].locked]


def _refuse(model: Model, recipe: Recipe, cuts: Mapping[int, Cut], keep: Collection[int], ledger: Ledger) -> None:
    """Takes note of the layers that ask for pruning and make no channel that goes, the most common reason first."""
    reasons: dict[str, list[Layer]] = defaultdict(list)
    for layer in _asked(model, recipe):
        own = [span.group for span in layer.output.spans if span.group in cuts]
        if not own:
            reasons[layer.refusals.get("prune", NO_CHANNELS)].append(layer)
        elif not any(group in keep for group in own):
            reasons[next((cuts[group].refusal for group in own if cuts[group].refusal), OUTRANKED)].append(layer)
    for reason, layers in sorted(reasons.items(), key=lambda item: -len(item[1])):
        for layer in layers:
            ledger.refuse(layer, reason)


def _note_changes(before: Model, after: Model, keep: Collection[int], ledger: Ledger) -> None:
    """Takes note of every layer that makes or reads fewer channels, with what it was cut together with."""
    costs = {layer.name: cost_of(layer) for layer in after.layers}
    for layer in before.layers:
        own = [before.channels.groups[span.group] for span in layer.output.spans if span.group in keep]
        others = [name for group in own for name in group.producers if name != layer.name]
        if others:
            rest = f" and {len(others) - 1} more" if len(others) > 1 else ""
            ledger.change(layer, f"cut together with {others[0]}{rest}")
        elif own:
            ledger.change(layer)
        elif costs.get(layer.name) != cost_of(layer):
            ledger.change(layer, "reads fewer channels")
