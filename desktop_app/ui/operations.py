"""What the user does to a recipe: each verb is one function that makes one edit and returns what it changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.layer import Layer
from desktop_app.core.methods import Methods, RecoverMethod, RestructureMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import KNOBS, Bits, Knob, LayerSettings, Structure
from desktop_app.core.structure import unfit_for
from desktop_app.ui.document import Document
from desktop_app.ui.strongest import Proposal, with_proposal
from desktop_app.ui.text import plural, tr


def set_prune(document: Document, names: Sequence[str], share: float, merge: str = "") -> tuple[str, ...]:
    """Removes a share of the channels of layers and of those cut together with them; returns the layers changed."""
    wanted = _able(document, names, "prune")
    if document.recipe.methods.prune.unit == "channels" and document.coupling:
        wanted = _able(document, document.coupling.closure(wanted), "prune")
    return _set(document, wanted, tr("Prune {layers}"), merge, prune=share)


def set_rank(document: Document, names: Sequence[str], rank: float | int | None, merge: str = "") -> tuple[str, ...]:
    """Factorises layers to a rank (None: leaves them whole); returns the layers changed."""
    return _set(document, _able(document, names, "rank"), tr("Rank of {layers}"), merge, rank=rank)


def set_bits(document: Document, names: Sequence[str], bits: Bits) -> tuple[str, ...]:
    """Stores the weights of layers in so many bits; returns the layers changed."""
    return _set(document, _able(document, names, "bits"), tr("Bits of {layers}"), bits=bits)


def set_structure(document: Document, names: Sequence[str], structure: Structure) -> tuple[str, ...]:
    """Lets those layers that can become other operators, or keep theirs; returns the layers changed."""
    wanted = [name for name in _able(document, names, "structure") if not unfit_for(document.layer(name), structure)]
    return _set(document, wanted, tr("Structure of {layers}"), structure=structure)


def set_locked(document: Document, names: Sequence[str], locked: bool) -> tuple[str, ...]:
    """Locks layers as they are, or frees them; returns the layers changed."""
    return _set(
        document, document.in_order(names), tr("Lock {layers}") if locked else tr("Unlock {layers}"), locked=locked
    )


def toggle_locked(document: Document, names: Sequence[str]) -> tuple[str, ...]:
    """Locks layers, or frees them if all of them are locked; returns the layers changed."""
    return set_locked(document, names, not all(document.settings(document.layer(name)).locked for name in names))


def paste(
    document: Document, settings: Mapping[str, LayerSettings]
) -> tuple[tuple[str, ...], dict[str, dict[Knob, str]]]:
    """Gives layers settings that were copied, in one edit; what a layer cannot take is left as it is.

    Returns:
        The layers changed, those cut together with them included, and for each layer why it did not take a knob.
    """
    after: dict[str, LayerSettings] = {}
    refused: dict[str, dict[Knob, str]] = {}
    for name, asked in settings.items():
        for knob in KNOBS:
            value, layer = getattr(asked, knob), document.layer(name)
            why = why_not(document, layer, knob)
            if why and value != getattr(document.settings(layer), knob):
                refused.setdefault(name, {})[knob] = why
            elif not why:
                for one in _together(document, name, knob):
                    now = after.get(one, document.settings(document.layer(one)))
                    after[one] = replace(now, **{knob: value})
    changed = {name: one for name, one in after.items() if one != document.settings(document.layer(name))}
    names = document.in_order(changed)
    recipe = document.recipe.with_layers({_key(document.layer(name)): changed[name] for name in names})
    if names:
        document.edit(recipe, _titled(tr("Paste onto {layers}"), names))
    return names, refused


def _together(document: Document, name: str, knob: Knob) -> tuple[str, ...]:
    """The layers that a knob of one layer turns."""
    if knob != "prune" or document.recipe.methods.prune.unit != "channels" or document.coupling is None:
        return (name,)
    return _able(document, document.coupling.closure((name,)), knob)


def reset(document: Document, names: Sequence[str]) -> tuple[str, ...]:
    """Takes back every setting of these very layers; returns the layers changed."""
    before = {name: document.settings(document.layer(name)) for name in names}
    keys = {_key(document.layer(name)) for name in names}
    document.edit(document.recipe.without_layers(keys), _titled(tr("Reset {layers}"), document.in_order(names)))
    return tuple(name for name in document.in_order(names) if document.settings(document.layer(name)) != before[name])


def set_by_sensitivity(document: Document, proposal: Proposal) -> tuple[str, ...]:
    """Gives layers the settings that were chosen by what they cost, in one edit; returns the layers changed."""
    document.edit(with_proposal(document, proposal), tr("Set by sensitivity"))
    return tuple(proposal.settings)


def apply_preset(document: Document, preset: Recipe, title: str) -> None:
    """Takes the settings and methods of a preset; see `as_own` for what stays the user's own, and so do locks."""
    recipe = as_own(preset, document.recipe)
    locked = {
        _key(layer): replace(recipe.settings_for(layer), locked=True)
        for layer in document.layers
        if document.settings(layer).locked
    }
    document.edit(recipe.with_layers(locked), tr("Preset {title}").format(title=title))


def for_preset(document: Document) -> Recipe:
    """What a preset keeps of the recipe: all but the locks, and but the model that teaches, which is of this one."""
    recipe = document.recipe
    methods = replace(recipe.methods, recover=replace(recipe.methods.recover, teacher=None))
    unlocked = {name: replace(one, locked=UNSET) for name, one in recipe.layers.items()}
    return replace(recipe, defaults=replace(recipe.defaults, locked=False), layers=unlocked, methods=methods)


def as_own(preset: Recipe, own: Recipe) -> Recipe:
    """A preset with the user's data and seed, and with the user's training where it says nothing of one itself."""
    methods = preset.methods
    if methods.recover == RecoverMethod():
        methods = replace(methods, recover=own.methods.recover)
    return replace(preset, data=own.data, seed=own.seed, methods=methods)


def set_recipe(document: Document, recipe: Recipe) -> None:
    """Takes a whole recipe, data included."""
    document.edit(recipe, tr("Load recipe"))


def load_run(document: Document, recipe: Recipe, title: str) -> None:
    """Takes the recipe of a run, as complete as the run left it."""
    document.edit(recipe, tr("Recipe of run {run}").format(run=title))


def load_candidate(document: Document, recipe: Recipe, title: str) -> None:
    """Takes what a candidate of a search asks for."""
    document.edit(recipe, tr("Recipe of candidate {candidate}").format(candidate=title))


def set_data(document: Document, data: DataSettings) -> None:
    """Names the data that calibrates and evaluates."""
    document.edit(replace(document.recipe, data=data), tr("Choose data"))


def set_recover(document: Document, method: RecoverMethod, merge: str = "") -> None:
    """Says how long and how accuracy is trained back; no steps, no training."""
    recipe = document.recipe
    document.edit(replace(recipe, methods=replace(recipe.methods, recover=method)), tr("Recover accuracy"), merge)


def set_restructure(document: Document, method: RestructureMethod) -> None:
    """Says how layers are rewritten, and what of the whole model is."""
    recipe = document.recipe
    if method != recipe.methods.restructure:
        document.edit(replace(recipe, methods=replace(recipe.methods, restructure=method)), tr("Rewrite"))


def set_excluded(document: Document, count: int) -> None:
    """Leaves the so many layers in float whose quantisation costs most; the next run finds which they are."""
    recipe = document.recipe
    quantize = replace(recipe.methods.quantize, exclude=count)
    methods = replace(recipe.methods, quantize=quantize)
    document.edit(replace(recipe, methods=methods), tr("Exclude the worst layers"), "exclude")


STUDENT_STEPS = 1500


def taught_by(document: Document, steps: int = STUDENT_STEPS) -> Recipe:
    """The recipe of a student of the opened model: its data, prepared alike, and the model itself as the teacher.

    Args:
        document: Shows the model that teaches.
        steps: Batches that the student has still to be taught on.
    """
    teacher = document.summary.path if document.summary else None
    recover = replace(document.recipe.methods.recover, steps=steps, teacher=teacher)
    return Recipe(data=prepared_data(document), seed=document.recipe.seed, methods=Methods(recover=recover))


def prepared_data(document: Document) -> DataSettings:
    """The data of the recipe, prepared as it is known by now."""
    data = document.recipe.data
    if data.preprocess is None and document.data is not None:
        data = replace(data, preprocess=document.data.preprocess)
    return data


def _able(document: Document, names: Iterable[str], knob: Knob) -> tuple[str, ...]:
    """Those of the layers that can take the knob and are not locked."""
    return document.in_order(name for name in names if why_not(document, document.layer(name), knob) == "")


def why_not(document: Document, layer: Layer, knob: Knob) -> str:
    """Why the user cannot turn this knob of this layer; empty where it can be turned."""
    if document.settings(layer).locked:
        return tr("The layer is locked; press Space to unlock it.")
    return layer.refusals.get(knob, "")


def _set(document: Document, names: Sequence[str], text: str, merge: str = "", **changes: Any) -> tuple[str, ...]:
    settings = {name: document.settings(document.layer(name)) for name in names}
    after: dict[str, LayerSettings] = {name: replace(one, **changes) for name, one in settings.items()}
    changed = tuple(name for name in names if after[name] != settings[name])
    if changed:
        recipe = document.recipe.with_layers({_key(document.layer(name)): after[name] for name in changed})
        document.edit(recipe, _titled(text, names), merge)
    return changed


def _titled(text: str, names: Sequence[str]) -> str:
    return text.format(layers=names[0] if len(names) == 1 else plural(len(names), "one layer", "{count} layers"))


def _key(layer: Layer) -> str:
    return layer.origin or layer.name


Verb = Callable[[Document, Sequence[str], Any], tuple[str, ...]]

SETTERS: dict[Knob, Verb] = {"structure": set_structure, "prune": set_prune, "rank": set_rank, "bits": set_bits}
"""The verb that turns each knob."""
