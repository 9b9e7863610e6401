"""Which of the changes that were tried of a layer is nearest to what a recipe asks."""

from desktop_app.core.layer import Layer
from desktop_app.core.methods import LowRankMethod
from desktop_app.core.rank import extents_of, full_ranks, kind_for, unfit
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Change, changes_of
from desktop_app.core.settings import Knob, LayerSettings

MODERATE: dict[Knob, float] = {"prune": 0.25, "rank": 0.5, "bits": 8}
"""The settings that are told where the recipe asks for none."""


def chosen_of(layer: Layer, settings: LayerSettings, recipe: Recipe, knob: Knob) -> Change | None:
    """The change that was tried and is nearest to what a recipe asks; None where it asks for nothing."""
    if settings.locked:
        return None
    changes = changes_of(knob, activations=bool(recipe.methods.quantize.activations))
    if knob == "bits":
        return next((one for one in changes if one.value == settings.bits), None)
    asked = settings.prune if knob == "prune" else _rank_share(layer, settings.rank, recipe.methods.low_rank)
    return min(changes, key=lambda one: abs(one.value - asked)) if asked else None


def _rank_share(layer: Layer, rank: float | int | None, method: LowRankMethod) -> float:
    """What is asked of the rank, as a share of the full rank; 0 where nothing is."""
    if rank is None or unfit(layer, method):
        return 0.0
    if isinstance(rank, float):
        return rank
    kind = kind_for(layer, method)
    return rank / max(full_ranks(extents_of(layer, kind), kind)[-1], 1)
