"""Every layer changed alone, by the steps that would change it: what that costs the layer, and the model's output.

The layer is cut out with its own inputs on real samples, a step is applied to it as to any model, and what comes after
it runs on what it then gives.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from math import prod

import numpy as np
from msgspec.structs import replace

from desktop_app.bench.fidelity import FidelityMeter
from desktop_app.core.errors import NothingChangedError, StudioError
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.tokens import Quiet
from desktop_app.graph.cuts import Cut, CutModel
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect, cut_batches, first_samples, samples_in, takes_any_batch
from desktop_app.steps.base import Step

AT_ONCE = 8
"""Samples that run at a time."""

COMPUTED = "its weight is not a constant: other nodes compute or decode it"

MOST_MACS = 2 * 10**12
"""Multiply-accumulates of all trials together: about a minute on one core."""

MOST_BYTES = 256 * 2**20
"""Of the largest value of a model, over all samples that are kept."""

Change = Callable[[Model, Sequence[Batch], Token], Model]
"""A model of one layer and its inputs on samples, to the model that takes its place. Raises NothingChangedError."""


@dataclass(frozen=True)
class Damage:
    """What a layer that was changed alone does.

    Attributes:
        own_db: Signal to noise of its own result, behind its activation.
        output_db: Signal to noise of the model's outputs.
        agreement: Share of samples with the same highest class; None where the output is no vector of classes.
        reason: Why it could not be changed; empty where it was. The figures then say nothing.
    """

    own_db: float
    output_db: float
    agreement: float | None
    reason: str = ""


def changed_alone(
    model: Model,
    changes: Mapping[str, Mapping[str, Change]],
    batches: Iterator[Batch],
    samples: int,
    token: Token,
    *,
    held_out: int = 0,
) -> Iterator[tuple[str, dict[str, Damage]]]:
    """Changes one layer after another; gives each with what every change to it does.

    Args:
        model: The model as it is.
        changes: Layer name to the title of a change to the change; layers of the main graph only.
        batches: Inputs of the model.
        samples: How many of them to use, at least one batch.
        token: Says when to stop.
        held_out: How many of these judge alone, in whole batches, so that what is fitted to the others is seen on what
            it does not know; 0 where the same ones do both.

    Raises:
        StudioError: when the model cannot be cut open or run.
        Cancelled: when the token says so.
    """
    opened = CutModel(model)
    single = takes_any_batch(model)
    values = [dict(batch) for batch in first_samples(cut_batches(model, batches, min(AT_ONCE, samples)), samples)]
    counts = [max(samples_in(batch), 1) for batch in values]
    fitted = _fitted(counts, held_out) if held_out else 0
    expected = _run(model, values, opened.outputs)
    for cut in opened.cuts(changes.keys()):
        token.check()
        reads = _advance(opened, cut, values, single)
        layer = opened.part(cut.piece, reads[0], [cut.result], single=single)
        if all(one.name != cut.layer for one in layer.layers):
            yield cut.layer, dict.fromkeys(changes[cut.layer], Damage(0.0, 0.0, None, COMPUTED))
            continue
        trial = _Trial(opened, cut, layer, reads, values, expected, counts, single, fitted)
        yield cut.layer, {title: trial.damage(change, token) for title, change in changes[cut.layer].items()}


def _fitted(counts: Sequence[int], held_out: int) -> int:
    """How many of the batches of so many samples are left to fit to; 0 where that would be none."""
    return sum(so_far <= sum(counts) - held_out for so_far in accumulate(counts))


def affordable(model: Model, changes: int, samples: int) -> int:
    """How many of the samples to use: fewer where a model is so large that all would take minutes, or much memory.

    Args:
        model: The model.
        changes: How many changes will be tried, over all layers.
        samples: How many are there.
    """
    macs = sum(layer.macs for layer in model.layers)
    largest = max((4 * prod(max(size, 1) for size in shape) for shape in model.shapes.values()), default=1)
    by_work = MOST_MACS // max(macs * changes // 2, 1)  # half of the model lies behind a layer, on average
    return int(max(min(samples, by_work, MOST_BYTES // max(largest, 1)), 1))


def by_step(step: Step, recipe: Recipe, settings: LayerSettings) -> Change:
    """The change that a step makes to a layer with these settings, by the recipe's methods."""
    recipe = replace(recipe, defaults=settings, layers={})

    def change(model: Model, batches: Sequence[Batch], token: Token) -> Model:
        statistics = collect(model, step.needs(model, recipe), batches, Quiet(token))
        samples = sum(samples_in(batch) for batch in batches)
        calibration = DataCalibration(lambda: iter(batches), samples, False, statistics)
        return step.apply(model, recipe, calibration, Quiet(token)).model

    return change


class _Trial:
    """One layer, cut out, and the rest of the model opened behind it."""

    def __init__(
        self,
        opened: CutModel,
        cut: Cut,
        layer: Model,
        reads: Sequence[Batch],
        values: Sequence[dict[str, np.ndarray]],
        expected: Sequence[Batch],
        counts: Sequence[int],
        single: bool,
        fitted: int,
    ) -> None:
        self._fitted = fitted  # batches that changes are fitted to, and that judge none; all are and do where it is 0
        self._cut, self._layer, self._reads = cut, layer, reads
        self._values, self._expected, self._counts = values, expected, counts
        self._late = [name for name in opened.outputs if name not in values[0]]
        rest = opened.part(cut.after, values[0], self._late, single=single) if self._late else None
        self._rest = None if rest is None else open_session(rest)

    def damage(self, change: Change, token: Token) -> Damage:
        """What the model gives with the layer changed, against what it gave."""
        token.check()
        try:
            changed = change(self._layer, self._reads[: self._fitted or None], token)
        except NothingChangedError as error:
            return Damage(0.0, 0.0, None, reason_in(error))
        own, output = FidelityMeter(), FidelityMeter()
        session = open_session(changed)
        names = {value.name for value in session.get_inputs()}
        batches = zip(self._reads, self._values, self._expected, self._counts, strict=True)
        for read, known, expected, samples in islice(batches, self._fitted, None):
            token.check()
            with running():
                (result,) = session.run([self._cut.result], {name: read[name] for name in names})
            own.add([known[self._cut.result]], [result], samples)
            given = self._outputs({**known, self._cut.result: result})
            output.add([expected[name] for name in expected], [given[name] for name in expected], samples)
        return _damage(own, output)

    def _outputs(self, known: Batch) -> Batch:
        if self._rest is None:
            return known
        feed = {value.name: known[value.name] for value in self._rest.get_inputs()}
        with running():
            late = self._rest.run(self._late, feed)
        return {**known, **dict(zip(self._late, late, strict=True))}


def reason_in(error: NothingChangedError) -> str:
    """The reason that a step gave for the only layer that it was asked to change."""
    sentence = str(error)
    _, found, rest = sentence.partition(": ")
    return rest.rpartition(")")[0] or sentence if found else sentence


def _damage(own: FidelityMeter, output: FidelityMeter) -> Damage:
    layer, model = own.result(synthetic=False), output.result(synthetic=False)
    if layer is None or model is None:
        raise StudioError("The model's outputs are no arrays of numbers, so the error of a layer cannot be told.")
    return Damage(layer.sqnr_db, model.sqnr_db, model.top1_agreement)


def _advance(
    opened: CutModel, cut: Cut, values: Sequence[dict[str, np.ndarray]], single: bool
) -> list[dict[str, np.ndarray]]:
    """Brings `values` from the last cut to this one, and gives what the layer reads."""
    made = {name for node in cut.between for name in node.output}
    fresh = [name for name in cut.crossing if name in made]
    needed = opened.needs(cut.piece)
    asked = list(dict.fromkeys((*fresh, cut.result, *(name for name in needed if name in made))))
    session = open_session(opened.part(cut.between, values[0], asked, single=single))
    reads = []
    for known in values:
        feed = {value.name: known[value.name] for value in session.get_inputs()}
        with running():
            known.update(zip(asked, session.run(asked, feed), strict=True))
        reads.append({name: known[name] for name in needed})
        for name in known.keys() - {*cut.crossing, cut.result}:
            del known[name]
    return reads


def _run(model: Model, values: Sequence[Batch], names: Sequence[str]) -> list[Batch]:
    session = open_session(model)
    wanted = {value.name for value in session.get_inputs()}
    with running():
        results = [session.run(list(names), {name: known[name] for name in wanted}) for known in values]
    return [dict(zip(names, result, strict=True)) for result in results]
