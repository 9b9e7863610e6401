"""Per-layer truth: what every change of every layer alone costs and gives, kept on disk as it is found."""

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from time import monotonic

import msgspec
import platformdirs

from desktop_app.bench.kernel import Kernel, kernel_of_layer, kernels_of
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, SilentToken, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity, Sensitivity
from desktop_app.core.tokens import Quiet
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.io.data import DataSet
from desktop_app.stats.calibration import Batch
from desktop_app.steps.clean import Clean
from desktop_app.steps.truth.alone import Change, Damage, affordable, changed_alone
from desktop_app.steps.truth.candidates import candidates
from desktop_app.steps.truth.fidelity import together
from desktop_app.steps.truth.trial import without

FORMAT = 4
"""Counted up when rows of earlier versions should not be used any more."""

BATCH = 8

TITLED = {one.title: one for one in CHANGES}
"""Title to change."""


def find_sensitivity(
    model: Model,
    key: str,
    recipe: Recipe,
    data: DataSet,
    samples: int,
    token: Token,
    folder: Path | None = None,
    *,
    titles: Collection[str] = TITLED,
    until: float = inf,
) -> Sensitivity:
    """Tries every layer of a model with every candidate, or with those of some titles.

    Args:
        model: The opened model.
        key: Its hash.
        recipe: By whose methods layers are changed, and whose calibration samples are used.
        data: The samples.
        samples: How many of them, at most. Changes are fitted to the first half, and the other half judges them.
        token: Hears of progress; says when to stop. What was found until then is not tried again.
        folder: Where rows are kept; the user's cache if None.
        titles: The changes to try; a layer has a row where all of them were. What is known of others is given as well.
        until: By `time.monotonic`; no layer is begun from then on, but one at least is tried. Those that are left
            have no row.

    Raises:
        StudioError: when the model cannot be run.
        Cancelled: when the token says so.
    """
    cleaned, changes, samples, rows = _begin(model, key, recipe, data, samples, folder)
    known = rows.read()
    refused = _refused(cleaned)
    missing = {one.name: _missing(known.get(one.name), titles) for one in cleaned.layers if one.name not in refused}
    wanted = [layer for layer in cleaned.layers if missing.get(layer.name)]
    _time_kernels(wanted, until, token)
    trials = _Trials(cleaned, changes, KernelTimes(1, Quiet(token)))
    batches = (one.inputs for one in data.batches(data.calibration_indices[:samples], BATCH))
    for done, found in enumerate(trials.rows(wanted, missing, batches, samples, token)):
        rows.add(found)
        row = known[found.layer] = _joined(known.get(found.layer), found)
        if not _missing(row, TITLED):
            token.report(row)
        token.report(Progress("sensitivity", (done + 1) / len(wanted), row.layer))
        if monotonic() >= until:
            break
    return _gathered(cleaned, _whole(known, titles), samples, data, refused)


def known_sensitivity(
    model: Model, key: str, recipe: Recipe, data: DataSet, samples: int, folder: Path | None = None
) -> Sensitivity:
    """What `find_sensitivity` has found by now, of layers that were tried with every candidate; tries nothing."""
    cleaned, _, samples, rows = _begin(model, key, recipe, data, samples, folder)
    return _gathered(cleaned, _whole(rows.read(), TITLED), samples, data, _refused(cleaned))


def _begin(
    model: Model, key: str, recipe: Recipe, data: DataSet, samples: int, folder: Path | None
) -> tuple[Model, Mapping[str, Change], int, "_Rows"]:
    """The model that is tried, the changes, how many samples can be afforded, and the rows on disk."""
    cleaned = Clean().apply(model, Recipe(), NO_DATA, SilentToken()).model
    recipe = _unchosen(recipe)
    changes = candidates(recipe)
    samples = affordable(cleaned, len(changes) * len(cleaned.layers), min(samples, len(data.calibration_indices)))
    samples = data.filling(samples)
    return cleaned, changes, samples, _Rows(_row_key(key, recipe, samples), folder)


def _missing(row: LayerSensitivity | None, titles: Collection[str]) -> tuple[str, ...]:
    """The titles that a layer was not tried with, in their usual order."""
    tried = row.candidates if row is not None else {}
    return tuple(title for title in TITLED if title in titles and title not in tried)


def _whole(known: Mapping[str, LayerSensitivity], titles: Collection[str]) -> dict[str, LayerSensitivity]:
    """The layers that were tried with all of these titles."""
    return {name: row for name, row in known.items() if not _missing(row, titles)}


def _joined(earlier: LayerSensitivity | None, row: LayerSensitivity) -> LayerSensitivity:
    """What was found of a layer in several goes, in the usual order of candidates."""
    found = {**(earlier.candidates if earlier is not None else {}), **row.candidates}
    return msgspec.structs.replace(row, candidates={title: found[title] for title in TITLED if title in found})


def _refused(model: Model) -> dict[str, str]:
    return {layer.name: reason for layer in model.layers if (reason := _untried(model, layer))}


def _gathered(
    model: Model, known: Mapping[str, LayerSensitivity], samples: int, data: DataSet, refused: dict[str, str]
) -> Sensitivity:
    """What is known of the layers, in order of execution."""
    found = tuple(known[layer.name] for layer in model.layers if layer.name in known)
    return Sensitivity(found, _together(found), samples, data.synthetic, refused)


def _time_kernels(layers: Sequence[Layer], until: float, token: Token) -> None:
    """Times the layers as they are, all in turns, which takes long the first time and is kept; tells how far it is."""
    kernels = (kernel for layer in layers for bits in (32, 8) if (kernel := kernel_of_layer(layer, bits)))
    KernelTimes(1, token).prepare(kernels, until)


class _Trials:
    """The candidates, and the kernels of what they make of a layer."""

    def __init__(self, model: Model, changes: Mapping[str, Change], times: KernelTimes) -> None:
        self._model, self._changes, self._times = model, changes, times
        self._chains: dict[tuple[str, str], Sequence[Kernel]] = {}

    def rows(
        self,
        layers: Sequence[Layer],
        titles: Mapping[str, Sequence[str]],
        batches: Iterator[Batch],
        samples: int,
        token: Token,
    ) -> Iterator[LayerSensitivity]:
        """One row after another, each of the titles given for its layer."""
        by_name = {layer.name: layer for layer in layers}
        changes = {
            name: {title: self._recorded(name, title, self._changes[title]) for title in titles[name]}
            for name in by_name
        }
        if not changes:
            return
        for name, damages in changed_alone(self._model, changes, batches, samples, token, held_out=samples // 2):
            kernel = kernel_of_layer(by_name[name])
            own = None if kernel is None else self._times.of([kernel])[kernel].run
            found = {title: self._candidate(by_name[name], title, damage, own) for title, damage in damages.items()}
            yield LayerSensitivity(name, own, found)

    def _recorded(self, name: str, title: str, change: Change) -> Change:
        """The change, which leaves behind what kernels the changed layer has."""

        def recorded(model: Model, batches: Sequence[Batch], token: Token) -> Model:
            changed = change(model, batches, token)
            self._chains[name, title] = tuple(kernels_of(changed).values()) if title.startswith("rank") else ()
            return changed

        return recorded

    def _candidate(self, layer: Layer, title: str, damage: Damage, own: float | None) -> Candidate:
        if damage.reason:
            return Candidate(reason=damage.reason)
        time = own if title.startswith("weights") else self._microseconds(layer, title)
        return Candidate(damage.own_db, damage.output_db, damage.agreement, time)

    def _microseconds(self, layer: Layer, title: str) -> float | None:
        change = TITLED[title]
        if change.activations:
            return self._times.layer(layer, bits=8)
        if change.knob == "prune":
            return self._times.layer(layer, outputs=max(round(layer.output.size * (1.0 - change.value)), 1))
        return self._times.chain(self._chains[layer.name, title])


class _Rows:
    """Rows on disk, one a line, each as soon as it is found; a damaged line is passed over."""

    def __init__(self, key: str, folder: Path | None) -> None:
        folder = folder or platformdirs.user_cache_path("compression-studio", appauthor=False) / "sensitivity"
        self._path = folder / f"{key}.jsonl"

    def read(self) -> dict[str, LayerSensitivity]:
        """Layer name to row."""
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return {}
        found: dict[str, LayerSensitivity] = {}
        for row in map(_decoded, lines):
            if row is not None:
                found[row.layer] = _joined(found.get(row.layer), row)
        return found

    def add(self, row: LayerSensitivity) -> None:
        """Appends a row; where that cannot be, it is tried again next time."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(row) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            return


def _decoded(line: bytes) -> LayerSensitivity | None:
    try:
        return msgspec.json.decode(line, type=LayerSensitivity)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _unchosen(recipe: Recipe) -> Recipe:
    """The recipe without the layers that a run has chosen to keep in float: every layer is tried in 8 bits."""
    quantize = msgspec.structs.replace(recipe.methods.quantize, weights_only=())
    return msgspec.structs.replace(recipe, methods=msgspec.structs.replace(recipe.methods, quantize=quantize))


def _row_key(model: str, recipe: Recipe, samples: int) -> str:
    """Of what decides the figures: a preset that changes other methods does not make them unknown."""
    methods = without(recipe, ()).methods
    quantize = msgspec.structs.replace(methods.quantize, activations=True)  # both are tried
    parts = (FORMAT, model, quantize, methods.low_rank, recipe.data, recipe.seed, samples)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def _untried(model: Model, layer: Layer) -> str:
    """Why a layer cannot be cut out; empty where it can."""
    try:
        model.node(layer.name)
    except KeyError:
        return "it lies inside a subgraph"
    return ""


def _together(layers: Sequence[LayerSensitivity]) -> dict[str, float]:
    """Candidate to what the errors of all layers that can have it add up to; without those that no layer can have."""
    found: dict[str, list[float]] = {}
    for layer in layers:
        for title, candidate in layer.candidates.items():
            if not candidate.reason:
                found.setdefault(title, []).append(candidate.output_db)
    return {title: together(decibels) for title, decibels in found.items()}
