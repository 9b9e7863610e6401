"""Two or more runs side by side, as values: figures, settings that differ, layers, and what came and went."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

import msgspec

from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost, Outcome
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import LayerError
from desktop_app.core.settings import KNOBS, Knob, LayerSettings
from desktop_app.core.summary import LayerProfile
from desktop_app.core.text import clean_name
from desktop_app.core.trial import Trial
from desktop_app.jobs.messages import RunFinished
from desktop_app.ui import format as fmt
from desktop_app.ui.items.cells import knob_text
from desktop_app.ui.plots.axes import AXES
from desktop_app.ui.setting_names import setting_title, value_text
from desktop_app.ui.text import plural, stage_title, tell, tr
from desktop_app.ui.views.facts import KNOB_TITLES

ASPECTS: tuple[Knob | Literal["locked"], ...] = (*KNOBS, "locked")


@dataclass(frozen=True)
class Row:
    """A line of a comparison: what it is about, then a text and perhaps a tooltip for each column."""

    title: str
    cells: tuple[str, ...]
    tips: tuple[str, ...] = ()
    tip: str = ""


@dataclass(frozen=True)
class LayerFate:
    """What became of a layer of the opened model in one run.

    Attributes:
        cost: What the layers made of it take now.
        bits: The fewest bits of them; None where nothing is left.
        parts: Names of the layers that it became; none where it is gone.
        steps: The steps that changed it.
        refusals: Why others did not.
        milliseconds: What they take for one sample; None where it was not measured.
        error: How far its output is from the original's; None where that was not measured.
    """

    cost: Cost
    bits: int | None
    parts: tuple[str, ...]
    steps: tuple[str, ...]
    refusals: tuple[str, ...]
    milliseconds: float | None = None
    error: LayerError | None = None


def figure_rows(runs: Sequence[RunFinished]) -> tuple[Row, ...]:
    """Size, speed, and how good the outputs are; the first column is the original as the first run measured it."""
    trials = [_trial(run) for run in runs]
    original = trials[0].original
    rows = []
    for axis in AXES:
        values = [axis.value(trial, original) for trial in trials]
        if any(value is not None for value in values):
            before = axis.original(original)
            cells = [fmt.UNKNOWN if one is None else axis.text(one) for one in (before, *values)]
            rows.append(Row(tr(axis.title), tuple(cells)))
    return tuple(rows)


def setting_rows(layers: Sequence[Layer], recipes: Sequence[Recipe]) -> tuple[Row, ...]:
    """What the recipes do not have in common: methods, data and seed, then the settings of layers.

    What stands in a recipe's file for it is the tooltip. Layers that differ alike in a setting share a row.
    """
    rows = [Row(setting_title(key), cells, tip=key) for key, cells in _keys(recipes) if len(set(cells)) > 1]
    settings = [recipe.settings_of(layers) for recipe in recipes]
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for layer in layers:
        for knob in ASPECTS:
            cells = tuple(_setting_text(one[layer.name], knob) for one in settings)
            if len(set(cells)) > 1:
                alike.setdefault((knob, cells), []).append(clean_name(layer.name))
    return (*rows, *(_shared(knob, cells, names) for (knob, cells), names in alike.items()))


def _shared(knob: str, cells: tuple[str, ...], names: Sequence[str]) -> Row:
    title = tr(KNOB_TITLES.get(knob, "Locked"))
    about = plural(len(names), "{name}", "{count} layers", name=names[0])
    tip = "\n".join(names)
    return Row(tr("{setting} of {layers}").format(setting=title, layers=about), cells, (tip,) * len(cells), tip)


def layer_rows(
    layers: Sequence[Layer],
    runs: Sequence[RunFinished],
    text: Callable[[Layer, LayerFate], str],
    before: Callable[[Layer], str],
    profiles: Sequence[LayerProfile | None] = (),
) -> tuple[Row, ...]:
    """A line for each layer of the opened model: as it was, then in each run, by what `text` tells of it."""
    fates = [fates_of(run, profile) for run, profile in zip_longest(runs, profiles)]
    return tuple(
        Row(
            clean_name(layer.name),
            (before(layer), *(text(layer, fate[layer.name]) for fate in fates)),
            ("", *(_story(fate[layer.name]) for fate in fates)),
        )
        for layer in layers
    )


def fates_of(run: RunFinished, profile: LayerProfile | None = None) -> Mapping[str, LayerFate]:
    """What became of every layer; of those that are gone, too."""
    parts: dict[str, list[Layer]] = {}
    outcomes: dict[str, list[Outcome]] = {}
    for layer in run.summary.layers:
        parts.setdefault(layer.origin or layer.name, []).append(layer)
    for outcome in run.report.layers:
        outcomes.setdefault(outcome.layer, []).append(outcome)
    errors = run.report.layer_errors.layers if run.report.layer_errors is not None else {}
    names = {*parts, *outcomes, *errors}
    return _Fates(
        {
            name: replace(_fate(parts.get(name, ()), outcomes.get(name, ()), profile), error=errors.get(name))
            for name in names
        }
    )


def came_and_went(layers: Sequence[Layer], run: RunFinished) -> tuple[Row, ...]:
    """Layers that are gone, layers that were split or replaced, and by what."""
    fates = fates_of(run)
    rows = []
    for layer in layers:
        fate = fates[layer.name]
        if not fate.parts:
            rows.append(Row(clean_name(layer.name), (tr("removed"), "")))
        elif fate.parts != (layer.name,):
            rows.append(Row(clean_name(layer.name), (tr("replaced by"), ", ".join(map(clean_name, fate.parts)))))
    known = {layer.name for layer in layers}
    made = [one for one in run.summary.layers if (one.origin or one.name) not in known]
    return (*rows, *(Row(clean_name(one.name), (tr("added"), clean_name(one.op_type))) for one in made))


def size_text(layer: Layer, fate: LayerFate) -> str:
    """What a layer takes in the file."""
    return fmt.size(fate.cost.bytes) if fate.parts else tr("gone")


def bits_text(layer: Layer, fate: LayerFate) -> str:
    """The bits of its weights."""
    return tr("gone") if fate.bits is None else str(fate.bits)


def macs_text(layer: Layer, fate: LayerFate) -> str:
    """Its multiply-accumulates."""
    return fmt.amount(fate.cost.macs) if fate.parts else tr("gone")


def time_text(layer: Layer, fate: LayerFate) -> str:
    """Its measured time."""
    return fmt.milliseconds(fate.milliseconds) if fate.parts else tr("gone")


def error_text(layer: Layer, fate: LayerFate) -> str:
    """The signal to noise of its output against the original's."""
    return fmt.decibel(None if fate.error is None else fate.error.sqnr_db) if fate.parts else tr("gone")


def _setting_text(settings: LayerSettings, knob: Knob | Literal["locked"]) -> str:
    """A setting in words."""
    if knob == "locked":
        return tr("locked") if settings.locked else tr("free")
    return knob_text(knob, getattr(settings, knob))


class _Fates(dict[str, LayerFate]):
    """A layer that no step names and that is not there is gone."""

    def __missing__(self, name: str) -> LayerFate:
        return LayerFate(Cost(), None, (), (), ())


def _fate(parts: Iterable[Layer], outcomes: Iterable[Outcome], profile: LayerProfile | None) -> LayerFate:
    parts, outcomes = tuple(parts), tuple(outcomes)
    return LayerFate(
        cost=sum((Cost(one.bytes, one.params, one.macs) for one in parts), Cost()),
        bits=min((one.bits for one in parts), default=None),
        parts=tuple(one.name for one in parts),
        steps=tuple(one.step for one in outcomes if one.changed),
        refusals=tuple(one.reason for one in outcomes if not one.changed),
        milliseconds=sum(profile.milliseconds.get(one.name, 0.0) for one in parts) if profile else None,
    )


def _story(fate: LayerFate) -> str:
    unknown = tell(fate.error.reason) if fate.error is not None else ""
    lines = (*(stage_title(step) for step in fate.steps), *map(clean_name, fate.refusals), unknown)
    return "\n".join(line for line in lines if line)


def _trial(run: RunFinished) -> Trial:
    return Trial("", "", run.recipe, run.report.original, run.report.compressed, run.report.speedup)


def _keys(recipes: Sequence[Recipe]) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Every key of the recipes outside of `layers`, by its path, with its value in each."""
    flat = [dict(_flat(msgspec.to_builtins(recipe))) for recipe in recipes]
    for key in dict.fromkeys(key for one in flat for key in one):
        if not key.startswith(("layers", "version", "defaults")):  # layers are told one by one
            yield key, tuple(value_text(key, one.get(key)) for one in flat)


def _flat(value: object, path: str = "") -> Iterable[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _flat(one, f"{path}.{key}" if path else str(key))
    else:
        yield path, value
