"""One run: a recipe carried out on a model, and everything that is measured on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from desktop_app.bench.evaluate import Evaluation, evaluate
from desktop_app.bench.latency import Comparison, compare
from desktop_app.bench.machine import this_machine, versions
from desktop_app.bench.memory import peak_memory
from desktop_app.core.errors import InvalidFileError
from desktop_app.core.outcome import Cost
from desktop_app.core.progress import Measurement, Metric, Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Figures, Report, StepReport
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.inspection import input_specs
from desktop_app.io.data import DataSet, open_data
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.pipeline import CalibrationSamples, Pipeline, StepDone, outcomes_of
from desktop_app.stats.calibration import Batch

BATCH = 8
"""Samples that run at once while calibrating and evaluating."""

GLANCE = 64
"""Samples on which fidelity is told after every step; the last word is said on all of them."""

QUICK_SECONDS, FULL_SECONDS = 2.0, 12.0
"""Time for comparing latencies after a step, and at the end."""


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
        threads: Threads to measure with; 0 stands for cores - 1.
        pipeline: Kept from run to run, so that unchanged first steps are not done again.
    """

    def __init__(self, model: Model, key: str, file_bytes: int, threads: int, pipeline: Pipeline) -> None:
        self._original = model
        self._key = key
        self._file_bytes = file_bytes
        self._threads = threads
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
        recipe = replace(recipe, data=settings)
        data = open_data(settings, inputs, seed=recipe.seed, shapes=self._original.shapes)
        why_not = _why_not_runnable(self._original)
        _tell(token, "original", self._file_bytes, _cost(self._original))
        model, done, steps = self._original, list[StepDone](), list[StepReport]()
        for step in self._pipeline.run(self._original, self._key, recipe, _calibration(data, recipe), token):
            model = step.result.model
            done.append(step)
            steps.append(self._measure_step(step, data, token, measurable=not why_not))
        report = self._report(model, recipe, data, tuple(done), tuple(steps), why_not, token)
        warnings = tuple(dict.fromkeys((*remarks, *report.warnings)))
        return Finished(model, recipe, replace(report, warnings=warnings), data)

    def _measure_step(self, step: StepDone, data: DataSet, token: Token, *, measurable: bool) -> StepReport:
        """Size, latency and fidelity after a step, told as soon as they are known."""
        model, name = step.result.model, step.step.name
        size = len(model.to_bytes())
        _tell(token, name, size, _cost(model))
        changed = {outcome.layer for outcome in step.result.outcomes if outcome.changed}
        report = StepReport(name, step.seconds, size, len(changed), cached=step.cached, notes=step.result.notes)
        if not measurable:
            return report
        token.report(Progress(name, 1.0, "measuring"))
        comparison = compare((self._original, model), threads=self._threads, seconds=QUICK_SECONDS, token=token)
        _tell_latency(token, comparison, name)
        fidelity = evaluate(
            model, data, data.evaluation_indices[:GLANCE], reference=self._original, token=token
        ).fidelity
        if fidelity is not None:
            _tell_fidelity(token, fidelity.sqnr_db, fidelity.top1_agreement, name)
        return replace(report, latency_ratio=comparison.rows[1].ratio, fidelity=fidelity)

    def _report(
        self,
        model: Model,
        recipe: Recipe,
        data: DataSet,
        done: tuple[StepDone, ...],
        steps: tuple[StepReport, ...],
        why_not: str,
        token: Token,
    ) -> Report:
        """The last word: everything measured at length, on all samples that did not calibrate."""
        size = len(model.to_bytes())
        before, after = _cost(self._original), _cost(model)
        original = Figures(self._file_bytes, before.params, before.macs)
        compressed = Figures(size, after.params, after.macs)
        warnings = list(data.notes)
        speedup = None
        if why_not:
            warnings.append(f"{why_not} So neither latency nor fidelity was measured.")
        else:
            token.report(Progress("measure", 0.0))
            comparison = compare((self._original, model), threads=self._threads, seconds=FULL_SECONDS, token=token)
            _tell_latency(token, comparison, "final")
            evaluation, reference = self._evaluate(model, data, token)
            original = replace(
                original,
                latency_ms=comparison.rows[0].latency_ms,
                accuracy=reference.accuracy,
                peak_memory=peak_memory(self._original, token=token),
            )
            compressed = replace(
                compressed,
                latency_ms=comparison.rows[1].latency_ms,
                accuracy=evaluation.accuracy,
                fidelity=evaluation.fidelity,
                peak_memory=peak_memory(model, token=token),
            )
            speedup = comparison.rows[1].ratio
            warnings += [*comparison.warnings, *evaluation.notes]
        return Report(
            original,
            compressed,
            speedup,
            this_machine(self._threads),
            versions(),
            {"recipe": recipe.seed},
            steps,
            outcomes_of(done),
            tuple(warnings),
        )

    def _evaluate(self, model: Model, data: DataSet, token: Token) -> tuple[Evaluation, Evaluation]:
        evaluation = evaluate(model, data, data.evaluation_indices, reference=self._original, token=token)
        reference = (
            evaluate(self._original, data, data.evaluation_indices, token=token) if data.labelled else evaluation
        )
        return evaluation, reference


def _calibration(data: DataSet, recipe: Recipe) -> CalibrationSamples:
    def batches() -> Iterator[Batch]:
        return (samples.inputs for samples in data.batches(data.calibration_indices, BATCH))

    key = f"{recipe.data}{recipe.seed}{data.samples}"
    return CalibrationSamples(batches, len(data.calibration_indices), data.synthetic, key)


def _why_not_runnable(model: Model) -> str:
    """Why ONNX Runtime does not load the model; empty where it does."""
    try:
        open_session(model, optimise=False)
    except InvalidFileError as error:
        return str(error)
    return ""


def _cost(model: Model) -> Cost:
    return Cost(params=sum(layer.params for layer in model.layers), macs=sum(layer.macs for layer in model.layers))


def _tell(token: Token, stage: str, size: int, cost: Cost) -> None:
    figures: tuple[tuple[Metric, int], ...] = (("bytes", size), ("params", cost.params), ("macs", cost.macs))
    for metric, value in figures:
        token.report(Measurement(metric, float(value), stage))


def _tell_latency(token: Token, comparison: Comparison, stage: str) -> None:
    for row, where in ((comparison.rows[0], "original"), (comparison.rows[1], stage)):
        low, high = row.latency_ms.ci95
        token.report(Measurement("latency_ms", row.latency_ms.median, where, low, high))
    ratio = comparison.rows[1].ratio
    token.report(Measurement("latency_ratio", ratio.median, stage, *ratio.ci95))


def _tell_fidelity(token: Token, sqnr_db: float, agreement: float | None, stage: str) -> None:
    token.report(Measurement("sqnr_db", sqnr_db, stage))
    if agreement is not None:
        token.report(Measurement("top1_agreement", agreement, stage))
