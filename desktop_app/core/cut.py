"""How many channels of each group stay: one rule for the prediction and for the step."""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache

from msgspec import Struct

from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.recipe import PruneMethod, Recipe


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


def cut_groups(layers: Sequence[Layer], groups: Sequence[ChannelGroup], recipe: Recipe) -> dict[int, Cut]:
    """The cut of every group of which some producer asks for pruning; other groups are absent.

    Coupled layers are cut by the highest ratio asked for among them. One locked layer that reads or writes the group
    keeps all of it.
    """
    settings = recipe.settings_of(layers)
    locked = {name for name, one in settings.items() if one.locked}
    cuts: dict[int, Cut] = {}
    for group in groups:
        ratio = max([settings[name].prune for name in group.producers if name in settings], default=0.0)
        if ratio > 0.0:
            cuts[group.id] = _cut(group, ratio, recipe.methods.prune, locked)
    return cuts


def _cut(group: ChannelGroup, ratio: float, method: PruneMethod, locked: Set[str]) -> Cut:
    """The cut of a group of which a share `ratio` is to go."""
    if locked:
        holder = next((name for name in (*group.producers, *group.consumers) if name in locked), None)
        if holder is not None:
            return Cut(group.channels, ratio, f"cut together with the locked layer {holder}")
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
