"""How many channels of each group stay: one rule for the prediction and for the step."""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache

from msgspec import Struct, structs

from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.methods import PruneMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings

TRIALS = 7
"""Halvings of the range in which the ratios are sought that meet a target."""

MOST = 0.9
"""Share of a group's channels that goes at most where layers compete."""


class Cut(Struct, frozen=True, gc=False):
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
    return _channels_to_keep(channels, ratio, method.round_to, method.min_channels)


@lru_cache(maxsize=4096)
def _channels_to_keep(channels: int, ratio: float, round_to: int, min_channels: int) -> int:
    """Kept, since a slider asks for all groups again and again."""
    kept = round(channels * (1.0 - ratio) / round_to) * round_to
    return min(channels, max(kept, min_channels, min(round_to, channels), 1))


def cut_groups(
    layers: Sequence[Layer],
    groups: Sequence[ChannelGroup],
    recipe: Recipe,
    settings: Mapping[str, LayerSettings] | None = None,
) -> dict[int, Cut]:
    """The cut of every group of which some producer asks for pruning; other groups are absent.

    Coupled layers are cut by the highest ratio asked for among them. One locked layer that reads or writes the group
    keeps all of it. Of several layers that a step made of one, what is asked of that one is asked of the last, which
    makes its channels. `settings` are what the recipe says of the layers, where that has been looked up.
    """
    settings = recipe.settings_of(layers) if settings is None else settings
    last = makers(layers)
    cuts: dict[int, Cut] = {}
    for group in groups:
        cut = cut_group(group, settings, last, recipe.methods.prune)
        if cut is not None:
            cuts[group.id] = cut
    return cuts


def cut_group(
    group: ChannelGroup, settings: Mapping[str, LayerSettings], last: Set[str], method: PruneMethod
) -> Cut | None:
    """The cut of one group; None where none of its producers (among the `makers`, `last`) asks for pruning."""
    ratio = max([settings[name].prune for name in group.producers if name in last], default=0.0)
    return _cut(group, ratio, method, settings) if ratio > 0.0 else None


def makers(layers: Sequence[Layer]) -> frozenset[str]:
    """Name of the last of the layers that come from each layer of the opened model."""
    return frozenset({layer.origin or layer.name: layer.name for layer in layers}.values())


def expected_cuts(
    layers: Sequence[Layer],
    groups: Sequence[ChannelGroup],
    recipe: Recipe,
    settings: Mapping[str, LayerSettings] | None = None,
) -> dict[int, Cut]:
    """What `cut_groups` says, or, where a share of the MACs is named, all ratios made larger or smaller to meet it.

    How the channels of layers that compete are shared out, the weights decide; what they cost together, the share does.
    """
    cuts = cut_groups(layers, groups, recipe, settings)
    method = recipe.methods.prune
    if method.target_macs is None or not cuts:
        return cuts
    target = method.target_macs * sum(layer.macs for layer in layers)
    low, high = 0.0, 1.0 / min(cut.ratio for cut in cuts.values())
    for _ in range(TRIALS):
        middle = (low + high) / 2
        kept = {group: cut.keep for group, cut in _scaled(cuts, groups, middle, method).items()}
        low, high = (low, middle) if macs_after(layers, groups, kept) <= target else (middle, high)
    return _scaled(cuts, groups, high, method)


def _scaled(
    cuts: Mapping[int, Cut], groups: Sequence[ChannelGroup], factor: float, method: PruneMethod
) -> dict[int, Cut]:
    """The cuts with other ratios; what is refused stays so."""
    channels = {group.id: group.channels for group in groups}
    return {
        group: cut
        if cut.refusal
        else structs.replace(cut, keep=channels_to_keep(channels[group], min(cut.ratio * factor, MOST), method))
        for group, cut in cuts.items()
    }


def _cut(group: ChannelGroup, ratio: float, method: PruneMethod, settings: Mapping[str, LayerSettings]) -> Cut:
    """The cut of a group of which a share `ratio` is to go."""
    for name in (*group.producers, *group.consumers):
        if name in settings and settings[name].locked:
            return Cut(group.channels, ratio, f"cut together with the locked layer {name}")
    if group.refusal:
        return Cut(group.channels, ratio, group.refusal)
    keep = channels_to_keep(group.channels, ratio, method)
    return Cut(keep, ratio, "" if keep < group.channels else f"{ratio:g} of {group.channels} channels rounds to none")


def macs_after(layers: Iterable[Layer], groups: Sequence[ChannelGroup], kept: Mapping[int, int]) -> int:
    """Multiply-accumulates of the model when of some groups (by id) only so many channels are kept."""
    channels = {group.id: group.channels for group in groups}
    return sum(
        sum(layer.macs_left(layer.output.kept(kept, channels), layer.input.kept(kept, channels))) for layer in layers
    )
