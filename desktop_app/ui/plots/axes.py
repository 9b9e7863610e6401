"""What trials can be compared by: rows of data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop_app.core.report import Figures
from desktop_app.core.trial import Trial
from desktop_app.ui import format as fmt
from desktop_app.ui.text import Words, tr

Interval = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """A figure of a trial.

    Attributes:
        id: Name in code.
        title: What the user calls it.
        unit: In which it is drawn; empty where it has none.
        less_is_better: Whether it is.
        value: The figure of one side in that unit; None where it was not measured. Gets the trial, and the figures of
            the original that all are compared with.
        original: The same of the original.
        text: The figure in words, with its unit.
        interval: Its 95 % interval, where it has one.
    """

    id: str
    title: Words
    unit: str
    less_is_better: bool
    value: Callable[[Trial, Figures], float | None]
    original: Callable[[Figures], float | None]
    text: Callable[[float], str]
    interval: Callable[[Trial, Figures], Interval | None] = lambda trial, original: None

    def cost(self, value: float) -> float:
        """The figure such that less is better."""
        return value if self.less_is_better else -value


def _latency(trial: Trial, original: Figures) -> float | None:
    """What the result would take beside that original: times of two days are not compared, ratios of pairs are."""
    if trial.speedup is None or original.latency_ms is None or trial.speedup.median <= 0:
        return None
    return original.latency_ms.median / trial.speedup.median


def _latency_interval(trial: Trial, original: Figures) -> Interval | None:
    if trial.speedup is None or original.latency_ms is None or min(trial.speedup.ci95) <= 0:
        return None
    low, high = trial.speedup.ci95
    return original.latency_ms.median / high, original.latency_ms.median / low


def _accuracy(figures: Figures) -> float | None:
    return None if figures.accuracy is None else 100 * figures.accuracy


def _agreement(figures: Figures) -> float | None:
    fidelity = figures.fidelity
    return None if fidelity is None or fidelity.top1_agreement is None else 100 * fidelity.top1_agreement


def _memory(figures: Figures) -> float | None:
    return None if figures.peak_memory is None else figures.peak_memory / 1e6


def _percent(value: float) -> str:
    return fmt.percent(value / 100)


AXES: tuple[Axis, ...] = (
    Axis("size", "Size", "MB", True, lambda t, o: t.compressed.bytes / 1e6, lambda f: f.bytes / 1e6,
         lambda v: fmt.size(round(v * 1e6))),
    Axis("latency", "Latency", "ms", True, _latency, lambda f: f.latency_ms.median if f.latency_ms else None,
         fmt.milliseconds, _latency_interval),
    Axis("speedup", "Speed-up", "×", False, lambda t, o: t.speedup.median if t.speedup else None, lambda f: 1.0,
         lambda v: f"{v:.2f}×", lambda t, o: t.speedup.ci95 if t.speedup else None),
    Axis("accuracy", "Accuracy", "%", False, lambda t, o: _accuracy(t.compressed), _accuracy, _percent),
    Axis("lost", "Points lost", "", True, lambda t, o: t.lost, lambda f: 0.0, fmt.points),
    Axis("agreement", "Same answers", "%", False, lambda t, o: _agreement(t.compressed), lambda f: 100.0, _percent),
    Axis("sqnr", "Fidelity, SQNR", "dB", False,
         lambda t, o: t.compressed.fidelity.sqnr_db if t.compressed.fidelity else None, lambda f: None,
         fmt.decibel),
    Axis("macs", "MACs", "MMAC", True, lambda t, o: t.compressed.macs / 1e6, lambda f: f.macs / 1e6,
         lambda v: fmt.macs(v * 1e6)),
    Axis("params", "Params", "M", True, lambda t, o: t.compressed.params / 1e6 or None,
         lambda f: f.params / 1e6 or None,
         lambda v: fmt.amount(v * 1e6)),
    Axis("memory", "Peak memory", "MB", True, lambda t, o: _memory(t.compressed), _memory,
         lambda v: fmt.size(round(v * 1e6))),
)  # fmt: skip
"""In the order of the choices."""

BY_ID = {axis.id: axis for axis in AXES}
QUALITY = ("accuracy", "lost", "agreement", "sqnr")
"""How good the outputs are: the best that is known says it."""


def known(trials: Sequence[Trial], original: Figures) -> tuple[Axis, ...]:
    """The axes on which at least one trial has a figure."""
    return tuple(axis for axis in AXES if any(axis.value(trial, original) is not None for trial in trials))


def usual(trials: Sequence[Trial], original: Figures) -> tuple[Axis, Axis]:
    """The axes that tell most: size, and how good the outputs are, as far as it is known of all trials."""
    for name in QUALITY:
        if trials and all(BY_ID[name].value(trial, original) is not None for trial in trials):
            return BY_ID["size"], BY_ID[name]
    return BY_ID["size"], BY_ID["speedup"]


def axis_title(axis: Axis) -> str:
    """Title and unit."""
    return tr("{title}, {unit}").format(title=tr(axis.title), unit=axis.unit) if axis.unit else tr(axis.title)
