"""The strongest settings that cost little: chosen for every layer from what was tried of it alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Change, changes_of, together_db
from desktop_app.core.settings import Knob, LayerSettings
from desktop_app.ui.document import Document

FREE: tuple[Knob, ...] = ("prune", "rank", "bits")
"""The knobs that changes were tried of."""

NEUTRAL = LayerSettings()

Aim = Literal["size", "time"]
"""Which of the settings that cost little enough is taken: the strongest, or the one that takes the least time."""


@dataclass(frozen=True)
class Proposal:
    """What would be set.

    Attributes:
        settings: Layer name to its settings then, for the layers whose settings change.
        changed: Knob to how many layers get another value of it.
        together_db: What the errors of all settings chosen add up to; None where none was chosen.
        untried: How many layers were not tried, and stay as they are.
    """

    settings: Mapping[str, LayerSettings] = field(default_factory=dict)
    changed: Mapping[Knob, int] = field(default_factory=dict)
    together_db: float | None = None
    untried: int = 0


def strongest(document: Document, limit_db: float, knobs: Iterable[Knob], aim: Aim = "size") -> Proposal:
    """For every layer and knob the best setting that alone keeps the outputs at `limit_db` or better.

    Best is the strongest; with the aim "time" of rank and bits the one with the least time, if that is less than now.

    - A locked layer stays as it is, and so does one that was not tried.
    - A knob of which no setting is good enough is set back.
    - Layers that are cut together get the strongest cut that none of them costs too much.
    """
    knobs = tuple(knobs)
    settings: dict[str, LayerSettings] = {}
    changed: dict[Knob, int] = dict.fromkeys(knobs, 0)
    noises: list[float] = []
    untried = 0
    for layer in document.layers:
        before = document.settings(layer)
        if document.tried(layer) is None:
            untried += 1
            continue
        if before.locked:
            continue
        after = before
        for knob in knobs:
            if knob in layer.refusals:
                continue
            change = _best(document, layer, knob, limit_db, aim)
            after = replace(after, **{knob: _setting(change, knob)})
            noises += [] if change is None else [_noise(document, layer, change)]
            changed[knob] += getattr(after, knob) != getattr(before, knob)
        if after != before:
            settings[layer.name] = after
    return Proposal(settings, changed, together_db(noises) if noises else None, untried)


def with_proposal(document: Document, proposal: Proposal) -> Recipe:
    """The recipe with the settings that are proposed."""
    named = {document.layer(name).origin or name: one for name, one in proposal.settings.items()}
    return document.recipe.with_layers(named)


def _best(document: Document, layer: Layer, knob: Knob, limit_db: float, aim: Aim) -> Change | None:
    changes = changes_of(knob, activations=bool(document.recipe.methods.quantize.activations))
    together = _cut_together(document, layer) if knob == "prune" else [layer]
    fit = [change for change in changes if all(_fits(document, one, change, limit_db) for one in together)]
    if aim == "time" and knob != "prune":  # fewer channels always take less time
        fit = _faster(document, layer, fit)
    return fit[-1] if fit else None


def _faster(document: Document, layer: Layer, changes: Sequence[Change]) -> list[Change]:
    """The change with the least time, where that is less than the layer takes in float; else none."""
    tried = document.tried(layer)
    if tried is None or tried.microseconds is None:
        return []
    times = {one: tried.candidates[one.title].microseconds or inf for one in changes}
    quickest = min(times, key=lambda one: times[one], default=None)
    return [quickest] if quickest is not None and times[quickest] < tried.microseconds else []


def _cut_together(document: Document, layer: Layer) -> list[Layer]:
    if document.coupling is None or document.recipe.methods.prune.unit != "channels":
        return [layer]
    return [document.layer(name) for name in document.coupling.closure([layer.name])]


def _fits(document: Document, layer: Layer, change: Change, limit_db: float) -> bool:
    tried = document.tried(layer)
    candidate = tried.candidates.get(change.title) if tried is not None else None
    locked = document.settings(layer).locked
    return candidate is not None and not candidate.reason and not locked and candidate.output_db >= limit_db


def _noise(document: Document, layer: Layer, change: Change) -> float:
    tried = document.tried(layer)
    return tried.candidates[change.title].output_db if tried is not None else 0.0


def _setting(change: Change | None, knob: Knob) -> object:
    if change is None:
        return getattr(NEUTRAL, knob)
    return int(change.value) if knob == "bits" else change.value
