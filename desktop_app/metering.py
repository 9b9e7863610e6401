"""What is measured of a run: briefly after every step, at length when it is over; told as soon as it is known."""

from dataclasses import dataclass

from msgspec.structs import replace

from desktop_app.bench.evaluate import evaluate
from desktop_app.bench.latency import Comparison, compare
from desktop_app.bench.memory import peak_memory
from desktop_app.core.errors import InvalidFileError
from desktop_app.core.measuring import Measuring
from desktop_app.core.outcome import Cost
from desktop_app.core.progress import Measurement, Metric, Progress, Token
from desktop_app.core.report import Fidelity, Figures, Latency, LayerErrors, Ratio, StepReport
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data import DataSet
from desktop_app.pipeline import StepDone
from desktop_app.steps.base import Kept
from desktop_app.steps.truth.layer_errors import layer_errors

GLANCE = 64
"""Samples on which fidelity is told after every step; the last word is said on all of them."""

MAX_SERIALISED_BYTES = 2**30
"""Larger models are not serialised just to know their size: their weights are it, but for a thousandth."""


@dataclass(frozen=True)
class Verdict:
    """The last word on a run: both sides, the speed-up (None where nothing could be run), and what disturbed.

    `layer_errors` is None where the model could not be run, too.
    """

    original: Figures
    compressed: Figures
    speedup: Ratio | None
    warnings: tuple[str, ...]
    layer_errors: LayerErrors | None = None


class Meter:
    """Measures what becomes of one model on one data set.

    Args:
        original: What everything is compared with.
        file_bytes: Its size on disk.
        data: Samples; those that did not calibrate evaluate.
        measuring: With how many threads, and how long.
        token: Hears every figure; says when to stop.
        teacher: What outputs are compared with, where the original is a student that has still to learn.
    """

    def __init__(
        self,
        original: Model,
        file_bytes: int,
        data: DataSet,
        measuring: Measuring,
        token: Token,
        teacher: Model | None = None,
    ) -> None:
        self._original, self._reference = original, teacher or original
        self._file_bytes = file_bytes
        self._data = data
        self._measuring = measuring
        self._token = token
        self._why_not = _why_not_runnable(original)
        self._last = original
        self._plain, self._kept = original, dict[str, Kept]()
        self._tell_cost("original", file_bytes, cost_of(original))

    def after(self, step: StepDone) -> StepReport:
        """Size, latency and fidelity after a step. What did not change is not measured again."""
        model, name = step.result.model, step.step.name
        unchanged = model is self._last
        if step.step.preserves_outputs and self._last is self._plain:
            self._plain = model  # with its normalisation folded, say: the layers that later steps change
        self._kept |= step.result.kept
        self._last = model
        size, cost = stored_bytes(model), cost_of(model)
        self._tell_cost(name, size, cost)
        changed = {outcome.layer for outcome in step.result.outcomes if outcome.changed}
        report = StepReport(
            step=name,
            seconds=step.seconds,
            bytes=size,
            changed=len(changed),
            cached=step.cached,
            notes=step.result.notes,
            params=cost.params,
            macs=cost.macs,
        )
        if unchanged or self._why_not:
            return report
        self._token.report(Progress(name, 1.0, "measuring"))
        comparison = self._compare(model, self._measuring.glance, name)
        glance = self._data.evaluation_indices[:GLANCE]
        fidelity = evaluate(model, self._data, glance, reference=self._reference, token=self._token).fidelity
        self._tell_fidelity(fidelity, name)
        return replace(report, latency_ratio=comparison.rows[1].ratio, fidelity=fidelity)

    def at_the_end(self, model: Model) -> Verdict:
        """Everything at length, on all samples that did not calibrate."""
        before, after = cost_of(self._original), cost_of(model)
        original = Figures(self._file_bytes, before.params, before.macs)
        compressed = Figures(stored_bytes(model), after.params, after.macs)
        if self._why_not:
            said = f"{self._why_not} So neither latency nor fidelity was measured."
            return Verdict(original, compressed, None, (*self._data.notes, said))
        self._token.report(Progress("measure", 0.0))
        comparison = self._compare(model, self._measuring.seconds, "final")
        everything = self._data.evaluation_indices
        found = evaluate(model, self._data, everything, reference=self._reference, token=self._token)
        self._tell_fidelity(found.fidelity, "final")
        accuracy = None
        if self._data.labelled:
            accuracy = evaluate(self._original, self._data, everything, token=self._token).accuracy
        original = self._measured(original, self._original, comparison.rows[0].latency_ms, accuracy)
        compressed = self._measured(compressed, model, comparison.rows[1].latency_ms, found.accuracy)
        warnings = (*self._data.notes, *comparison.warnings, *found.notes)
        compressed = replace(compressed, fidelity=found.fidelity)
        return Verdict(original, compressed, comparison.rows[1].ratio, warnings, self._layer_errors(model))

    def _layer_errors(self, model: Model) -> LayerErrors:
        if self._reference is not self._original:
            return LayerErrors({}, 0, self._data.synthetic, "What it learned from has other layers.")
        return layer_errors(self._plain, model, self._kept, self._data, self._token)

    def _compare(self, model: Model, seconds: float, stage: str) -> Comparison:
        threads = self._measuring.threads
        comparison = compare((self._original, model), threads=threads, seconds=seconds, token=self._token)
        for row, where in zip(comparison.rows, ("original", stage), strict=True):
            self._tell("latency_ms", row.latency_ms.median, where, row.latency_ms.ci95)
        ratio = comparison.rows[1].ratio
        self._tell("latency_ratio", ratio.median, stage, ratio.ci95)
        return comparison

    def _measured(self, figures: Figures, model: Model, latency: Latency, accuracy: float | None) -> Figures:
        memory = peak_memory(model, token=self._token)
        return replace(figures, latency_ms=latency, accuracy=accuracy, peak_memory=memory)

    def _tell(self, metric: Metric, value: float, stage: str, interval: tuple[float, float] | None = None) -> None:
        low, high = interval or (None, None)
        self._token.report(Measurement(metric, float(value), stage, low, high))

    def _tell_cost(self, stage: str, size: int, cost: Cost) -> None:
        self._tell("bytes", size, stage)
        self._tell("params", cost.params, stage)
        self._tell("macs", cost.macs, stage)

    def _tell_fidelity(self, fidelity: Fidelity | None, stage: str) -> None:
        if fidelity is None:
            return
        self._tell("sqnr_db", fidelity.sqnr_db, stage)
        if fidelity.top1_agreement is not None:
            self._tell("top1_agreement", fidelity.top1_agreement, stage)


def cost_of(model: Model) -> Cost:
    """Parameters and multiply-accumulates of all layers."""
    return Cost(params=sum(layer.params for layer in model.layers), macs=sum(layer.macs for layer in model.layers))


def stored_bytes(model: Model) -> int:
    """What the model occupies on disk."""
    weights = sum(
        value.const_value.nbytes for value in model.graph.initializers.values() if value.const_value is not None
    )
    return weights if weights > MAX_SERIALISED_BYTES else len(model.to_bytes())


def _why_not_runnable(model: Model) -> str:
    """Why ONNX Runtime does not load the model; empty where it does."""
    try:
        open_session(model, optimise=False)
    except InvalidFileError as error:
        return str(error)
    return ""
