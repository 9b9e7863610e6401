"""A recipe in a few words: what it asks of how many layers."""

from collections import Counter
from collections.abc import Mapping, Sequence

from desktop_app.core.layer import Layer
from desktop_app.core.methods import RestructureMethod
from desktop_app.core.recipe import Recipe, is_pattern
from desktop_app.core.settings import LayerSettings
from desktop_app.ui import format as fmt
from desktop_app.ui.text import plural, tr

FLOAT_BITS = 32
SEPARATOR = "  ·  "


Counted = Mapping[LayerSettings, int]
"""Settings to how many layers have them."""


def recipe_words(recipe: Recipe, layers: Sequence[Layer]) -> tuple[str, ...]:
    """What a recipe asks of a model's layers, a phrase for each technique; one that says so where it asks nothing."""
    counted = {one: count for one, count in settings_counted(recipe, layers).items() if not one.locked}
    rewritten = (*_structure(counted), *_whole(recipe.methods.restructure))
    told = (*rewritten, *_prune(recipe, counted), *_rank(counted), *_bits(counted), *_recover(recipe))
    return told or (tr("nothing is changed"),)


def settings_counted(recipe: Recipe, layers: Sequence[Layer]) -> Counted:
    """How many layers have which settings; without patterns those that the recipe does not name are not looked at."""
    if any(is_pattern(key) for key in recipe.layers):
        return Counter(recipe.settings_of(layers).values())
    counts: Counter[LayerSettings] = Counter()
    if recipe.layers:
        names = _names(layers)
        counts.update(one.over(recipe.defaults) for name, one in recipe.layers.items() if name in names)
    counts[recipe.defaults] += len(layers) - counts.total()
    return counts


_last_names: tuple[Sequence[Layer], frozenset[str]] = ((), frozenset())


def _names(layers: Sequence[Layer]) -> frozenset[str]:
    """What recipes call the layers; found once for a model."""
    global _last_names
    if _last_names[0] is not layers:
        _last_names = layers, frozenset(layer.origin or layer.name for layer in layers)
    return _last_names[1]


def in_one_line(words: Sequence[str]) -> str:
    """The phrases side by side."""
    return SEPARATOR.join(words)


def _structure(counted: Counted) -> list[str]:
    separable = sum(count for one, count in counted.items() if one.structure == "separable")
    stacked = sum(count for one, count in counted.items() if one.structure == "stacked")
    told = [plural(separable, "one layer made separable", "{count} layers made separable")] if separable else []
    return told + ([plural(stacked, "one layer made a stack", "{count} layers made stacks")] if stacked else [])


def _whole(method: RestructureMethod) -> list[str]:
    told = []
    if method.activations != "keep":
        name = {"relu": "Relu", "hardswish": "HardSwish"}[method.activations]
        told.append(tr("activations become {name}").format(name=name))
    if method.resolution < 1.0:
        told.append(tr("resolution {share}").format(share=fmt.percent(method.resolution, 0)))
    return told


def _prune(recipe: Recipe, counted: Counted) -> list[str]:
    method = recipe.methods.prune
    told = []
    if method.target_macs is not None:
        told.append(tr("pruned to {share} of the MACs").format(share=fmt.percent(method.target_macs, 0)))
    if method.target_latency is not None:
        told.append(tr("pruned to {share} of the time").format(share=fmt.percent(method.target_latency, 0)))
    pruned = {one.prune: count for one, count in counted.items() if one.prune > 0}
    if pruned and not told:
        count = sum(count for one, count in counted.items() if one.prune > 0)
        low, high = fmt.percent(min(pruned), 0), fmt.percent(max(pruned), 0)
        if low == high:
            told.append(plural(count, "{share} of one layer pruned", "{share} of {count} layers pruned", share=low))
        else:
            told.append(tr("{low} to {high} of {count} layers pruned").format(low=low, high=high, count=count))
    return told


def _rank(counted: Counted) -> list[str]:
    count = sum(count for one, count in counted.items() if one.rank is not None and one.structure != "stacked")
    return [plural(count, "one layer of low rank", "{count} layers of low rank")] if count else []


def _bits(counted: Counted) -> list[str]:
    counts: Counter[int] = Counter()
    for one, count in counted.items():
        counts[one.bits] += count
    return [
        plural(counts[bits], "one layer in {bits} bits", "{count} layers in {bits} bits", bits=bits)
        for bits in sorted(counts, reverse=True)
        if bits != FLOAT_BITS and counts[bits]
    ]


def _recover(recipe: Recipe) -> list[str]:
    method = recipe.methods.recover
    steps = method.steps + method.quantised_steps
    return [plural(steps, "trained for one step", "trained for up to {count} steps")] if steps else []
