"""A run that is over, as it looked while it went on: its stages and figures, from its report."""

from desktop_app.core.progress import Measurement
from desktop_app.core.report import Fidelity, Figures, Ratio, Report, StepReport
from desktop_app.ui.live import Shown, Stage, measured_in
from desktop_app.ui.plots.series import FINAL, ORIGINAL
from desktop_app.ui.text import tell, tr


def replay(report: Report) -> Shown:
    """What is known of a run that nobody watched. Trainings leave no curve in a report."""
    steps = [one for step in report.steps for one in _of_step(step)]
    measurements = (
        *_of_side(report.original, ORIGINAL),
        *steps,
        *_of_side(report.compressed, FINAL),
        *_of_ratio(report.speedup, FINAL),
        *measured_in(report),
    )
    return Shown(tuple(_stage(step) for step in report.steps), measurements)


def _stage(step: StepReport) -> Stage:
    told = tr("taken from the run before") if step.cached else " ".join(tell(note) for note in step.notes[:1])
    return Stage(step.step, 1.0, "done", told)


def _of_side(figures: Figures, stage: str) -> list[Measurement]:
    found = [Measurement("bytes", figures.bytes, stage)]
    if figures.latency_ms is not None:
        found.append(Measurement("latency_ms", figures.latency_ms.median, stage, *figures.latency_ms.ci95))
    return found


def _of_step(step: StepReport) -> list[Measurement]:
    return [
        Measurement("bytes", step.bytes, step.step),
        *_of_ratio(step.latency_ratio, step.step),
        *_of_fidelity(step.fidelity, step.step),
    ]


def _of_ratio(ratio: Ratio | None, stage: str) -> list[Measurement]:
    return [] if ratio is None else [Measurement("latency_ratio", ratio.median, stage, *ratio.ci95)]


def _of_fidelity(fidelity: Fidelity | None, stage: str) -> list[Measurement]:
    return [] if fidelity is None else [Measurement("sqnr_db", fidelity.sqnr_db, stage)]
