"""How hot a layer is: its share of the time or size, or what changes of it cost; for all that colours by it.

A heat is a share in [0, 1] of the hottest layer, and the figure behind it: colour never tells it alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from desktop_app.core.chosen_change import MODERATE, chosen_of
from desktop_app.core.layer import Layer
from desktop_app.core.report import LayerErrors
from desktop_app.core.sensitivity import changes_of, together_db
from desktop_app.core.settings import Knob
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document, HeatBy
from desktop_app.ui.run_list import run_title
from desktop_app.ui.text import Words, plural, tr

COLD_DB, LEAST_SPAN_DB = 60.0, 10.0
"""So little noise is no heat at all; and between the hottest and the coldest layer lies at least so much."""

Value = Callable[[Document, Sequence[Layer]], float | None]


@dataclass(frozen=True)
class Heat:
    """What a row is coloured by: its share of the hottest, in [0, 1], and the figure as the user reads it."""

    share: float
    text: str


@dataclass(frozen=True)
class Kind:
    """One way to be hot.

    Attributes:
        title: What it is called.
        tip: What it tells, in a sentence.
        value: Of the layers of a row; None where it is not known.
        decibel: Whether that is signal to noise, of which little is hot; else a share, of which much is.
        short: Its title where there is little room; empty where that is the same.
        every: The values of all layers at once, where they are known faster so than one after the other.
    """

    title: Words
    tip: Words
    value: Value
    decibel: bool = False
    short: Words = ""
    every: Callable[[Document], list[float]] | None = None


def _time(document: Document, layers: Sequence[Layer]) -> float | None:
    return document.time_share(*layers)


def _size(document: Document, layers: Sequence[Layer]) -> float | None:
    costs = document.prediction.layers if document.prediction else {}
    whole = document.prediction.cost.bytes if document.prediction else 0
    return sum(costs[one.name].bytes for one in layers if one.name in costs) / whole if whole else None


def _times(document: Document) -> list[float]:
    profile = document.profile
    return [one / profile.total_ms for one in profile.milliseconds.values()] if profile and profile.total_ms > 0 else []


def _sizes(document: Document) -> list[float]:
    prediction = document.prediction
    whole = prediction.cost.bytes if prediction else 0
    return [one.bytes / whole for one in prediction.layers.values()] if prediction and whole else []


def _sensitivity(document: Document, layers: Sequence[Layer]) -> float | None:
    """The lowest signal to noise that a moderate change of one of the layers leaves."""
    titles = _moderate(activations=bool(document.recipe.methods.quantize.activations))
    found = [
        candidate.output_db
        for layer in layers
        if (tried := document.tried(layer)) is not None
        for title in titles
        if (candidate := tried.candidates.get(title)) is not None and not candidate.reason
    ]
    return min(found, default=None)


@cache
def _moderate(*, activations: bool) -> tuple[str, ...]:
    """The titles of the moderate changes."""
    changes = [change for knob in MODERATE for change in changes_of(knob, activations=activations)]
    return tuple(change.title for change in changes if change.value == MODERATE[change.knob])


def measured_errors(document: Document) -> LayerErrors | None:
    """The error of the layers as the run that is shown measured it; None where it did not."""
    errors = document.run.report.layer_errors if document.run is not None else None
    return errors if errors is not None and errors.layers else None


def _error(document: Document, layers: Sequence[Layer]) -> float | None:
    """The worst that a run measured at the layers; before a run what their settings leave, if their errors add up."""
    errors = measured_errors(document)
    if errors is not None:
        measured = (errors.layers[one.name].sqnr_db for one in layers if one.name in errors.layers)
        return min((one for one in measured if one is not None), default=None)
    found = [noise for layer in layers for noise in _noises(document, layer)]
    return together_db(found) if found else None


def _noises(document: Document, layer: Layer) -> Iterable[float]:
    """What each setting of a layer, alone, leaves; of the settings that were tried the nearest is taken."""
    tried = document.tried(layer)
    knobs: tuple[Knob, ...] = ("prune", "rank", "bits")
    for knob in knobs if tried is not None else ():
        change = chosen_of(layer, document.settings(layer), document.recipe, knob)
        candidate = tried.candidates.get(change.title) if tried is not None and change is not None else None
        if candidate is not None and not candidate.reason:
            yield candidate.output_db


KINDS: Mapping[HeatBy, Kind] = {
    "time": Kind("Time", "Share of the measured time of the model", _time, every=_times),
    "size": Kind("Size", "Share of the size of the model with the recipe as it stands", _size, every=_sizes),
    "sensitivity": Kind(
        "Sensitivity",
        "Signal to noise of the outputs when this layer alone loses a quarter of its channels, half its rank or "
        "all but 8 bits, whichever costs most; by Measure sensitivity",
        _sensitivity,
        short="Sens.",
        decibel=True,
    ),
    "error": Kind(
        "Error",
        "Signal to noise that the settings of this layer leave the outputs, expected from Measure sensitivity",
        _error,
        decibel=True,
    ),
}
"""In the order of the menu."""


def title_of(document: Document, by: HeatBy) -> str:
    """What a kind of heat is called; of errors, whether they are measured."""
    title = tr(KINDS[by].title)
    if by != "error":
        return title
    if measured_errors(document) is None or document.runs.shown is None:
        return tr("{title}, expected").format(title=title)
    return tr("{title}, measured in run {run}").format(title=title, run=run_title(document.runs.shown))


def tip_of(document: Document, by: HeatBy) -> str:
    """What a kind of heat tells, in a sentence."""
    errors = measured_errors(document)
    if by != "error" or errors is None or document.runs.shown is None:
        return tr(KINDS[by].tip)
    return plural(
        errors.samples,
        "Signal to noise of this layer's own output against the original's, with all changes before it, as run {run} "
        "measured it on one sample; of a group that of the worst layer",
        "Signal to noise of this layer's own output against the original's, with all changes before it, as run {run} "
        "measured it on {count} samples; of a group that of the worst layer",
        run=run_title(document.runs.shown),
    )


BY_RECIPE: frozenset[HeatBy] = frozenset({"size", "error"})
"""The kinds that follow every edit."""


class HeatScale:
    """How hot rows are by one kind, measured against the hottest layer of the model as it is known now.

    What is known of single layers is kept: when something changes, only the layers that it changes are looked at.
    """

    def __init__(self, document: Document, by: HeatBy) -> None:
        self.by = by
        self._document, self._kind = document, KINDS[by]
        self._known: dict[str, tuple[object, object, float | None]] = {}
        self._deciding: tuple[object, object] | None = None
        self.refresh()

    def refresh(self) -> None:
        """Looks again at what has changed."""
        known = self._kind.every(self._document) if self._kind.every is not None else self._one_by_one()
        self._hottest = min(known, default=0.0) if self._kind.decibel else max(known, default=0.0)
        self._coldest = max(min(max(known, default=0.0), COLD_DB), self._hottest + LEAST_SPAN_DB)

    def _one_by_one(self) -> list[float]:
        """The values that are known, of which those stay that are decided by the same objects as before."""
        document = self._document
        deciding = (document.recipe.methods, measured_errors(document))
        if deciding != self._deciding:
            self._deciding, self._known = deciding, {}
        for layer in document.layers:
            tried, settings = document.tried(layer), document.settings(layer)
            before = self._known.get(layer.name)
            if before is None or before[0] is not tried or before[1] is not settings:
                self._known[layer.name] = (tried, settings, self._kind.value(document, (layer,)))
        return [value for _, _, value in self._known.values() if value is not None]

    def of(self, layers: Sequence[Layer]) -> Heat | None:
        """How hot the layers of a row are; None where that is not known."""
        value = self._kind.value(self._document, layers)
        if value is None:
            return None
        if self._kind.decibel:
            share = (self._coldest - value) / (self._coldest - self._hottest)
            return Heat(min(max(share, 0.0), 1.0), fmt.decibel(value, digits=0))
        return Heat(min(value / self._hottest, 1.0) if self._hottest else 0.0, fmt.percent(value))


def heat_key(document: Document, by: HeatBy, layers: Sequence[Layer]) -> float:
    """By what rows are sorted: the hottest last; unknown ones first."""
    kind = KINDS.get(by)
    value = kind.value(document, layers) if kind is not None else None
    if kind is None or value is None:
        return -1e9
    return -value if kind.decibel else value
