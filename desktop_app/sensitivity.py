"""Per-layer truth: what every change of every layer alone costs and gives, kept on disk as it is found."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import platformdirs

from desktop_app.bench.kernel import Kernel, kernel_of_layer, kernels_of
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, SilentToken, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Candidate, LayerSensitivity, Sensitivity
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.io.data import DataSet
from desktop_app.stats.calibration import Batch
from desktop_app.steps.clean import Clean
from desktop_app.steps.truth.alone import Change, Damage, Quiet, changed_alone
from desktop_app.steps.truth.candidates import CHANNELS, INT8, RATIO, candidates
from desktop_app.steps.truth.fidelity import together

FORMAT = 1
"""Counted up when rows of earlier versions should not be used any more."""

BATCH = 8


def find_sensitivity(
    model: Model, key: str, recipe: Recipe, data: DataSet, samples: int, token: Token, folder: Path | None = None
) -> Sensitivity:
    """Tries every layer of a model with every candidate.

    Args:
        model: The opened model.
        key: Its hash.
        recipe: By whose methods layers are changed, and whose calibration samples are used.
        data: The samples.
        samples: How many of them.
        token: Hears of progress; says when to stop. What was found until then is not tried again.
        folder: Where rows are kept; the user's cache if None.

    Raises:
        StudioError: when the model cannot be run.
        Cancelled: when the token says so.
    """
    cleaned = Clean().apply(model, Recipe(), NO_DATA, SilentToken()).model
    rows = _Rows(_row_key(key, recipe, samples), folder)
    known = rows.read()
    refused = {layer.name: reason for layer in cleaned.layers if (reason := _untried(cleaned, layer))}
    wanted = [layer for layer in cleaned.layers if layer.name not in refused and layer.name not in known]
    trials = _Trials(cleaned, candidates(recipe), KernelTimes(1, Quiet(token)))
    batches = (one.inputs for one in data.batches(data.calibration_indices[:samples], BATCH))
    for done, row in enumerate(trials.rows(wanted, batches, samples, token)):
        rows.add(row)
        known[row.layer] = row
        token.report(Progress("sensitivity", (done + 1) / len(wanted), row.layer))
    found = tuple(known[layer.name] for layer in cleaned.layers if layer.name in known)
    used = min(samples, len(data.calibration_indices))
    return Sensitivity(found, _together(found), used, data.synthetic, refused)


class _Trials:
    """The candidates, and the kernels of what they make of a layer."""

    def __init__(self, model: Model, changes: Mapping[str, Change], times: KernelTimes) -> None:
        self._model, self._changes, self._times = model, changes, times
        self._chains: dict[tuple[str, str], Sequence[Kernel]] = {}

    def rows(
        self, layers: Sequence[Layer], batches: Iterator[Batch], samples: int, token: Token
    ) -> Iterator[LayerSensitivity]:
        """One row after another."""
        by_name = {layer.name: layer for layer in layers}
        changes = {
            name: {title: self._recorded(name, title, change) for title, change in self._changes.items()}
            for name in by_name
        }
        if not changes:
            return
        self._times.of(kernel for layer in layers for bits in (32, 8) if (kernel := kernel_of_layer(layer, bits)))
        for name, damages in changed_alone(self._model, changes, batches, samples, token):
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
        if title == INT8:
            return self._times.layer(layer, bits=8)
        if title == CHANNELS:
            return self._times.layer(layer, outputs=max(round(layer.output.size * RATIO), 1))
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
        return {row.layer: row for row in map(_decoded, lines) if row is not None}

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


def _row_key(model: str, recipe: Recipe, samples: int) -> str:
    parts = (FORMAT, model, recipe.methods, recipe.data, recipe.seed, samples)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def _untried(model: Model, layer: Layer) -> str:
    """Why a layer cannot be cut out; empty where it can."""
    try:
        model.node(layer.name)
    except KeyError:
        return "it lies inside a subgraph"
    return ""


def _together(layers: Sequence[LayerSensitivity]) -> dict[str, float]:
    titles = dict.fromkeys(title for layer in layers for title in layer.candidates)
    return {
        title: together(
            layer.candidates[title].output_db
            for layer in layers
            if title in layer.candidates and not layer.candidates[title].reason
        )
        for title in titles
    }
