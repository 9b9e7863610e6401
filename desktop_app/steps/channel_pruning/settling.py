"""A recipe that names the widths that were chosen by time, so that it gives the same elsewhere."""

from msgspec.structs import replace

from desktop_app.core.cut import cut_groups
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model

DIGITS = 6
"""Of a ratio in a recipe."""

ELSEWHERE = "Widths were chosen by time measured on this machine: on another the recipe may give others."


def settled_widths(before: Model, after: Model, recipe: Recipe) -> tuple[Recipe, str]:
    """The recipe with a ratio for each layer in place of times, and what is worth saying of it.

    Args:
        before: The model that was pruned.
        after: What became of it.
        recipe: What was asked for.

    Returns:
        The recipe as it was, with a sentence, where ratios by layer cannot say what was cut: a layer whose channels
        belong to several groups may have lost a different share of each.
    """
    if not recipe.methods.prune.by_latency:
        return recipe, ""
    widths = {layer.name: layer.output.size for layer in after.layers}
    settings = recipe.settings_of(before.layers)
    ratios = {
        layer.origin or layer.name: replace(
            settings[layer.name], prune=round(1 - widths[layer.name] / max(layer.output.size, 1), DIGITS)
        )
        for layer in before.layers
        if layer.name in widths and settings[layer.name].prune > 0 and not settings[layer.name].locked
    }
    plain = replace(recipe.methods.prune, scope="layer", target_macs=None, target_latency=None)
    plain = replace(plain, round_to=1, min_channels=1)
    settled = replace(recipe, methods=replace(recipe.methods, prune=plain)).with_layers(ratios)
    cuts = cut_groups(before.layers, before.channels.groups, settled)
    kept = {group: cut.keep for group, cut in cuts.items()}
    channels = {group.id: group.channels for group in before.channels.groups}
    exact = all(
        layer.output.kept(kept, channels) == widths[layer.name] for layer in before.layers if layer.name in widths
    )
    return (settled, "") if exact else (recipe, ELSEWHERE)
