"""A recipe in a few words: what it asks of how many layers."""

from collections import Counter
from collections.abc import Sequence

from desktop_app.core.layer import Layer
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.ui import format as fmt
from desktop_app.ui.text import plural, tr

FLOAT_BITS = 32
SEPARATOR = "  ·  "


def recipe_words(recipe: Recipe, layers: Sequence[Layer]) -> tuple[str, ...]:
    """What a recipe asks of a model's layers, a phrase for each technique; one that says so where it asks nothing."""
    settings = [one for one in recipe.settings_of(layers).values() if not one.locked]
    told = (*_structure(settings), *_prune(recipe, settings), *_rank(settings), *_bits(settings), *_recover(recipe))
    return told or (tr("nothing is changed"),)


def in_one_line(words: Sequence[str]) -> str:
    """The phrases side by side."""
    return SEPARATOR.join(words)


def _structure(settings: Sequence[LayerSettings]) -> list[str]:
    count = sum(one.structure != "keep" for one in settings)
    return [plural(count, "one layer made separable", "{count} layers made separable")] if count else []


def _prune(recipe: Recipe, settings: Sequence[LayerSettings]) -> list[str]:
    method = recipe.methods.prune
    told = []
    if method.target_macs is not None:
        told.append(tr("pruned to {share} of the MACs").format(share=fmt.percent(method.target_macs, 0)))
    if method.target_latency is not None:
        told.append(tr("pruned to {share} of the time").format(share=fmt.percent(method.target_latency, 0)))
    shares = [one.prune for one in settings if one.prune > 0]
    if shares and not told:
        low, high = fmt.percent(min(shares), 0), fmt.percent(max(shares), 0)
        if low == high:
            told.append(
                plural(len(shares), "{share} of one layer pruned", "{share} of {count} layers pruned", share=low)
            )
        else:
            text = tr("{low} to {high} of {count} layers pruned")
            told.append(text.format(low=low, high=high, count=len(shares)))
    return told


def _rank(settings: Sequence[LayerSettings]) -> list[str]:
    count = sum(one.rank is not None for one in settings)
    return [plural(count, "one layer of low rank", "{count} layers of low rank")] if count else []


def _bits(settings: Sequence[LayerSettings]) -> list[str]:
    counts = Counter(one.bits for one in settings if one.bits != FLOAT_BITS)
    return [
        plural(counts[bits], "one layer in {bits} bits", "{count} layers in {bits} bits", bits=bits)
        for bits in sorted(counts, reverse=True)
    ]


def _recover(recipe: Recipe) -> list[str]:
    method = recipe.methods.recover
    steps = method.steps + method.quantised_steps
    return [plural(steps, "trained for one step", "trained for up to {count} steps")] if steps else []
