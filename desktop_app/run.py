"""One run: a recipe carried out on a model, and measured on the way."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from desktop_app.bench.machine import this_machine, versions
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe, unmatched
from desktop_app.core.report import Report, StepReport
from desktop_app.core.text import clean_name
from desktop_app.graph.assumptions import true_inputs
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs
from desktop_app.io.data import DataSet, open_data
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.io.onnx_reader import read_model
from desktop_app.metering import Meter
from desktop_app.pipeline import CalibrationSamples, Pipeline, StepDone, outcomes_of
from desktop_app.stats.calibration import Batch
from desktop_app.stats.training import TrainingSamples
from desktop_app.steps.int8.scheme import settled

BATCH = 8
"""Samples that run at once while calibrating."""

MADE_UP = 4096
"""Samples to train on where there is no data: others than those that calibrate and evaluate."""


@dataclass(frozen=True)
class Finished:
    """What came of a run: the model, the recipe complete with what was guessed, the report, and the data it saw."""

    model: Model
    recipe: Recipe
    report: Report
    data: DataSet


class Run:
    """Carries out one recipe on one model.

    Args:
        model: The opened model.
        key: Its hash.
        file_bytes: Its size on disk.
        measuring: With how many threads, and how long.
        pipeline: Kept from run to run, so that unchanged first steps are not done again.
    """

    def __init__(self, model: Model, key: str, file_bytes: int, measuring: Measuring, pipeline: Pipeline) -> None:
        self._original = model
        self._key = key
        self._file_bytes = file_bytes
        self._measuring = measuring
        self._pipeline = pipeline

    def carry_out(self, recipe: Recipe, token: Token) -> Finished:
        """Runs the steps, measuring after each.

        Raises:
            StudioError: when the recipe cannot be carried out.
            Cancelled: when the token says so.
        """
        token.report(Progress("data", 0.0))
        inputs = input_specs(self._original)
        settings, remarks = resolve_preprocess(self._original, recipe.data, inputs, seed=recipe.seed, token=token)
        methods = replace(recipe.methods, quantize=settled(recipe.methods.quantize))
        recipe = replace(recipe, data=settings, methods=methods)
        share = recipe.methods.recover.share if recipe.trains else 0.0
        data = open_data(settings, inputs, seed=recipe.seed, shapes=self._original.shapes, training=share)
        teacher = _teacher(recipe, self._original)
        meter = Meter(self._original, self._file_bytes, data, self._measuring, token, teacher)
        model, done, steps = self._original, list[StepDone](), list[StepReport]()
        samples = calibration_samples(data, recipe)
        key = self._key if teacher is None else f"{self._key} {_hash(recipe.methods.recover.teacher or '')}"
        for step in self._pipeline.run(self._original, key, recipe, samples, token, teacher):
            model, recipe = step.result.model, step.recipe
            done.append(step)
            steps.append(meter.after(step))
        verdict = meter.at_the_end(model)
        report = Report(
            original=verdict.original,
            compressed=verdict.compressed,
            speedup=verdict.speedup,
            machine=this_machine(self._measuring.threads),
            versions=versions(),
            seeds={"recipe": recipe.seed},
            steps=tuple(steps),
            layers=outcomes_of(done),
            warnings=tuple(dict.fromkeys((*_unmatched(recipe, self._original), *remarks, *verdict.warnings))),
            layer_errors=verdict.layer_errors,
        )
        return Finished(model, recipe, report, data)


def _teacher(recipe: Recipe, student: Model) -> Model | None:
    """The model that teaches a student; None where the recipe names none.

    Raises:
        InvalidFileError: when it cannot be opened.
        InvalidRecipeError: when its inputs or outputs have other names than the student's.
    """
    path = recipe.methods.recover.teacher
    if not recipe.trains or path is None:
        return None
    teacher = read_model(Path(path))
    for kind, one, other in (
        ("inputs", true_inputs(student), true_inputs(teacher)),
        ("outputs", student.graph.outputs, teacher.graph.outputs),
    ):
        names, wanted = ([value.name or "" for value in values] for values in (one, other))
        if names != wanted:
            raise InvalidRecipeError(
                f"The {kind} of the teacher {clean_name(path)} are {', '.join(map(clean_name, wanted))}, and those of "
                f"the model {', '.join(map(clean_name, names))}: convert makes a student with --like."
            )
    return teacher


def _hash(path: str) -> str:
    """Names the content of a file: what lies at a path may be another model tomorrow."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unmatched(recipe: Recipe, model: Model) -> tuple[str, ...]:
    """A sentence for every name in the recipe that the model does not have."""
    keys = unmatched(recipe, model.layers)
    return tuple(f"The recipe's layers.{clean_name(key)} matches no layer of this model: see inspect." for key in keys)


def calibration_samples(data: DataSet, recipe: Recipe) -> CalibrationSamples:
    """The samples of a data set as the pipeline needs them: those that calibrate, and those that train."""

    def batches() -> Iterator[Batch]:
        return (samples.inputs for samples in data.batches(data.calibration_indices, BATCH))

    key = f"{recipe.data}{recipe.seed}{data.samples}"
    training = _training(data, key) if recipe.trains else None
    return CalibrationSamples(batches, len(data.calibration_indices), data.synthetic, key, training)


def _training(data: DataSet, key: str) -> TrainingSamples:
    """The samples that train, those that calibrate among them."""
    layout = "" if data.preprocess is None else data.preprocess.layout
    indices = data.training_indices
    if data.synthetic:
        indices = tuple(range(data.samples, data.samples + MADE_UP))
    return TrainingSamples(data.batches, indices, data.labelled, layout, data.synthetic, key)
