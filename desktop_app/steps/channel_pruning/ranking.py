"""How many channels every group keeps when all groups compete in one ranking."""

from collections.abc import Callable, Mapping

import numpy as np

from desktop_app.core.cut import Cut, macs_after
from desktop_app.core.recipe import PruneMethod, Recipe
from desktop_app.graph.model import Model

FLOOR = 0.1
"""Share of a group's channels that always stays, lest a layer is cut off altogether (Tanaka et al., 2020)."""


def global_widths(
    model: Model, recipe: Recipe, cuts: Mapping[int, Cut], saliencies: Mapping[int, np.ndarray]
) -> tuple[dict[int, int], list[str]]:
    """Group to channels that stay, and what is worth saying of it.

    As few channels go as bring the multiply-accumulates down to those that the ratios of the layers would leave, or
    to the share `target_macs` of the model's.
    """
    method = recipe.methods.prune
    layers, groups = model.layers, model.channels.groups
    total = sum(layer.macs for layer in layers)
    if method.target_macs is None:
        target = macs_after(layers, groups, {group: cuts[group].keep for group in saliencies})
    else:
        target = int(method.target_macs * total)
    ranking = GlobalRanking(saliencies, {group: cuts[group].ratio for group in saliencies}, method)
    gone = _first(len(ranking), lambda gone: macs_after(layers, groups, ranking.kept(gone)) <= target)
    kept = ranking.kept(gone)
    reached = macs_after(layers, groups, kept)
    if reached <= target:
        return kept, []
    share, wanted = reached / max(total, 1), target / max(total, 1)
    return kept, [f"The channels that may be cut bring the MACs to {share:.0%} of the model's, not to {wanted:.0%}."]


class GlobalRanking:
    """Channels of several groups in the order in which they go.

    A group's saliencies are divided by their mean, which makes groups of different layers comparable (Molchanov et
    al., 2017), and by the ratio asked for it, so that a group with twice the ratio loses channels more readily.
    """

    def __init__(self, saliencies: Mapping[int, np.ndarray], ratios: Mapping[int, float], method: PruneMethod) -> None:
        self._method = method
        self._sizes = {group: saliency.size for group, saliency in saliencies.items()}
        scores = [one / max(float(one.mean()), 1e-30) / ratios[group] for group, one in saliencies.items()]
        owners = np.repeat([*saliencies], [*self._sizes.values()])
        self._order = owners[np.argsort(np.concatenate(scores), kind="stable")]

    def __len__(self) -> int:
        return int(self._order.size)

    def kept(self, gone: int) -> dict[int, int]:
        """How many channels of every group stay when the first `gone` of the ranking go."""
        counts = np.bincount(self._order[:gone], minlength=max(self._sizes) + 1)
        return {group: self._rounded(size, size - int(counts[group])) for group, size in self._sizes.items()}

    def _rounded(self, channels: int, kept: int) -> int:
        step = self._method.round_to
        least = max(self._method.min_channels, min(step, channels), round(channels * FLOOR), 1)
        return min(channels, max(round(kept / step) * step, least))


def _first(count: int, holds: Callable[[int], bool]) -> int:
    """The smallest number up to `count` for which `holds`, which once true stays so; `count` if none does."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
