"""What the choices of a search cost the outputs, by the sensitivities of the layers, and save, by prediction."""

from collections.abc import Sequence
from math import prod

import numpy as np

from desktop_app.core.predictor import Predictor
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity, Sensitivity
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.search.layer_costs import Floats, LayerCosts
from desktop_app.search.space import Choice, Space, Value

UNKNOWN_POWER = 1.0
"""Noise of a value that was not tried: as much as the outputs themselves, so that it is taken last."""

HALF_POWER = 1e-6
"""Noise of a layer's weights in half precision, about: they keep 11 bits."""


def noises_of(space: Space, sensitivity: Sensitivity, base: Recipe) -> tuple[Floats, ...]:
    """For each choice (values,): power of the noise at the outputs over theirs.

    Noises of layers are taken to add up, as they do where they are small.
    """
    rows = _rows(space, sensitivity)
    return tuple(np.array([_noise(one, value, rows, base) for value in one.values]) for one in space.choices)


def untried_of(space: Space, sensitivity: Sensitivity) -> list[str]:
    """The layers with a choice that were not tried, for want of time, sorted."""
    wanted = {name for choice in space.choices for name in choice.layers}
    return sorted(wanted - {row.layer for row in sensitivity.layers} - sensitivity.refused.keys())


def changes_weighed(space: Space, base: Recipe) -> frozenset[str]:
    """Titles of the changes by which the choices of a space are weighed: those of knobs that stay need no trial."""
    knobs = {"rank" if choice.knob == "structure" else choice.knob for choice in space.choices}
    found = {one.title for one in CHANGES if one.knob in knobs - {"bits"}}
    bits = {int(value or 0) for choice in space.choices if choice.knob == "bits" for value in choice.values[1:]}
    return frozenset(found.union(*(_changes_of_bits(one, base) for one in bits - {16})))


def layer_costs(space: Space, summary: ModelSummary, profile: LayerProfile, base: Recipe) -> LayerCosts:
    """What the layers cost by the choices of a search space, as it is predicted."""
    predictor, names = Predictor(summary), [layer.name for layer in summary.layers]

    def ask(genes: Sequence[int]) -> Floats:
        told = predictor.predict(space.recipe(genes, base), profile)
        return np.array([(told.milliseconds[one], told.layers[one].bytes, told.layers[one].macs) for one in names]).T

    return LayerCosts.of(space.sizes, ask)


def _rows(space: Space, sensitivity: Sensitivity) -> dict[str, LayerSensitivity]:
    """Layer to row; a layer that was not tried, for want of time, is taken to be as the typical one that was."""
    rows = {row.layer: row for row in sensitivity.layers}
    found: dict[str, list[Candidate]] = {}
    for row in sensitivity.layers:
        for title, candidate in row.candidates.items():
            if not candidate.reason:
                found.setdefault(title, []).append(candidate)
    usual = {
        title: Candidate(output_db=float(np.median([one.output_db for one in known]))) for title, known in found.items()
    }
    return rows | {name: LayerSensitivity(name, None, usual) for name in untried_of(space, sensitivity)}


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
        return _noise_of_bits(row, int(value or 0), base)
    if isinstance(value, float) and choice.knob in ("prune", "rank"):
        word, kept = ("channels", 1.0 - value) if choice.knob == "prune" else ("rank", value)
        return _between(row, word, kept)
    return _between(row, "rank", 0.5) if choice.knob == "structure" else UNKNOWN_POWER


def _noise_of_bits(row: LayerSensitivity, bits: int, base: Recipe) -> float:
    """Noise of the weights, and of the activations where the layer computes on integers."""
    powers = [_power(row.candidates.get(title)) for title in _changes_of_bits(bits, base)]
    return prod(powers) ** (1.0 / len(powers)) if bits == 6 else sum(powers)  # 6 bits lie between: a bit is 6 dB


def _changes_of_bits(bits: int, base: Recipe) -> tuple[str, ...]:
    """The changes that tell of a number of bits."""
    integers = bits in base.methods.quantize.integer_bits
    if bits == 8:
        return ("int8",) if base.methods.quantize.activations else ("weights 8",)
    if bits == 6:
        return ("int6",) if integers else ("weights 8", "weights 4")
    return (f"weights {bits}", "int8") if integers else (f"weights {bits}",)


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
