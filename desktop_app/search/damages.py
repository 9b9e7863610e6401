"""What every value of every choice alone costs the outputs and saves, from the sensitivities of the layers."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Candidate, LayerSensitivity, Sensitivity
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.search.space import Choice, Space, Value

UNKNOWN_POWER = 1.0
"""Noise of a value that was not tried: as much as the outputs themselves, so that it is taken last."""

HALF_POWER = 1e-6
"""Noise of a layer's weights in half precision, about: they keep 11 bits."""

Floats = NDArray[np.float64]
Table = list[list[float]]


@dataclass(frozen=True)
class Damages:
    """For each choice, an entry for each of its values.

    Attributes:
        noise: Power of the noise at the outputs over theirs; 0 where the layers stay as they are.
        milliseconds: What the value saves of the predicted latency.
        bytes: What it saves of the predicted size.
    """

    noise: tuple[Floats, ...]
    milliseconds: tuple[Floats, ...]
    bytes: tuple[Floats, ...]

    def to_json(self) -> str:
        """As text; see `from_json`."""
        tables = ([one.tolist() for one in table] for table in (self.noise, self.milliseconds, self.bytes))
        return msgspec.json.encode(tuple(tables)).decode()

    @classmethod
    def from_json(cls, text: str) -> "Damages":
        """What `to_json` gave."""
        tables = msgspec.json.decode(text, type=tuple[Table, Table, Table])
        return cls(*(tuple(np.array(one) for one in table) for table in tables))


def damages_of(
    space: Space, sensitivity: Sensitivity, summary: ModelSummary, profile: LayerProfile, base: Recipe
) -> Damages:
    """The table for a search space. Noises of layers are taken to add up, as they do where they are small."""
    rows = _rows(space, sensitivity)
    start = predict(summary, space.recipe([0] * len(space.choices), base), profile)
    noise, milliseconds, saved = [], [], []
    for place, choice in enumerate(space.choices):
        noise.append(np.array([_noise(choice, value, rows, base) for value in choice.values]))
        alone = [
            predict(summary, space.recipe(_only(space, place, gene), base), profile)
            for gene in range(len(choice.values))
        ]
        milliseconds.append(np.array([(start.latency_ms or 0.0) - (one.latency_ms or 0.0) for one in alone]))
        saved.append(np.array([float(start.cost.bytes - one.cost.bytes) for one in alone]))
    return Damages(tuple(noise), tuple(milliseconds), tuple(saved))


def _rows(space: Space, sensitivity: Sensitivity) -> dict[str, LayerSensitivity]:
    """Layer to row; a layer that was not tried, for want of time, is taken to be as the typical one that was."""
    rows = {row.layer: row for row in sensitivity.layers}
    wanted = {name for choice in space.choices for name in choice.layers}
    untried = sorted(wanted - rows.keys() - sensitivity.refused.keys())
    found: dict[str, list[Candidate]] = {}
    for row in sensitivity.layers:
        for title, candidate in row.candidates.items():
            if not candidate.reason:
                found.setdefault(title, []).append(candidate)
    usual = {
        title: Candidate(output_db=float(np.median([one.output_db for one in known]))) for title, known in found.items()
    }
    return rows | {name: LayerSensitivity(name, None, usual) for name in untried}


def _only(space: Space, place: int, gene: int) -> Sequence[int]:
    return [gene if one == place else 0 for one in range(len(space.choices))]


def _noise(choice: Choice, value: Value, rows: dict[str, LayerSensitivity], base: Recipe) -> float:
    if value == choice.values[0]:
        return 0.0
    return sum(_noise_of_layer(rows.get(name), choice, value, base) for name in choice.layers)


def _noise_of_layer(row: LayerSensitivity | None, choice: Choice, value: Value, base: Recipe) -> float:
    if row is None:
        return UNKNOWN_POWER
    if choice.knob == "bits" and value == 16:
        return HALF_POWER
    if choice.knob == "bits":
        bits, rounded = value, value == 8 and base.methods.quantize.activations
        title = "int8" if rounded else f"weights {bits}"
        return _power(row.candidates.get(title))
    if isinstance(value, float) and choice.knob in ("prune", "rank"):
        word, kept = ("channels", 1.0 - value) if choice.knob == "prune" else ("rank", value)
        return _between(row, word, kept)
    return _between(row, "rank", 0.5) if choice.knob == "structure" else UNKNOWN_POWER


def _between(row: LayerSensitivity, word: str, kept: float) -> float:
    """The noise at a share that stays, between those that were tried, on a logarithmic scale."""
    tried = [
        (1.0 - float(title.rpartition(" ")[2]), np.log(max(_power(one), 1e-12)))
        for title, one in row.candidates.items()
        if title.startswith(word) and not one.reason
    ]
    if not tried:
        return UNKNOWN_POWER
    tried.append((1.0, max(np.log(UNKNOWN_POWER), *(power for _, power in tried))))  # with nothing left
    gone, power = zip(*sorted(tried), strict=True)
    at = 1.0 - kept
    if at < gone[0]:  # towards nothing gone, noise falls with the square of the share
        return float(np.exp(power[0]) * (at / gone[0]) ** 2)
    return float(np.exp(np.interp(at, gone, power)))


def _power(candidate: Candidate | None) -> float:
    if candidate is None or candidate.reason:
        return UNKNOWN_POWER
    return float(10.0 ** (-candidate.output_db / 10.0))
