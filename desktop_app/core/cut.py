"""How many channels of each group stay: one rule for the prediction and for the step."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.recipe import PruneMethod, Recipe


class Cut(Struct, frozen=True):
    """How a group is cut.

    Attributes:
        keep: Channels that stay.
        ratio: What was asked for: the highest `prune` among the group's producers.
        refusal: Why nothing is cut although something was asked for; empty otherwise.
    """

    keep: int
    ratio: float
    refusal: str = ""


def channels_to_keep(channels: int, ratio: float, method: PruneMethod) -> int:
    """Channels that stay when a share `ratio` of them is to go: to the nearest multiple of `round_to`."""
    exact = channels * (1.0 - ratio)
    kept = round(exact / method.round_to) * method.round_to
    return min(channels, max(kept, method.min_channels, min(method.round_to, channels), 1))


def cut_groups(layers: Sequence[Layer], groups: Sequence[ChannelGroup], recipe: Recipe) -> dict[int, Cut]:
    """The cut of every group of which some producer asks for pruning; other groups are absent.

    Coupled layers are cut by the highest ratio asked for among them. One locked layer that reads or writes the group
    keeps all of it.
    """
    by_name: Mapping[str, Layer] = {layer.name: layer for layer in layers}
    method = recipe.methods.prune
    cuts: dict[int, Cut] = {}
    for group in groups:
        asked = [recipe.settings_for(by_name[name]) for name in group.producers if name in by_name]
        ratio = max((settings.prune for settings in asked), default=0.0)
        if ratio <= 0.0:
            continue
        locked = [
            name
            for name in (*group.producers, *group.consumers)
            if name in by_name and recipe.settings_for(by_name[name]).locked
        ]
        if locked:
            cuts[group.id] = Cut(group.channels, ratio, f"cut together with the locked layer {locked[0]}")
        elif group.refusal:
            cuts[group.id] = Cut(group.channels, ratio, group.refusal)
        else:
            keep = channels_to_keep(group.channels, ratio, method)
            refusal = "" if keep < group.channels else f"{ratio:g} of {group.channels} channels rounds to none"
            cuts[group.id] = Cut(keep, ratio, refusal)
    return cuts
