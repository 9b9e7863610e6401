"""The numbers of the pictures: what was measured after each step, and what may be claimed of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.core.progress import Measurement, Metric
from desktop_app.ui import format as fmt
from desktop_app.ui.text import short_stage_title, stage_title, tr

ORIGINAL, FINAL = "original", "final"


@dataclass(frozen=True)
class Point:
    """A bar: the stage, the figure after it, and the ends of its 95 % interval where there is one."""

    stage: str
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def title(self) -> str:
        """What the user calls the stage."""
        return stage_title(self.stage)

    @property
    def short_title(self) -> str:
        """The same in one word."""
        return short_stage_title(self.stage)


@dataclass(frozen=True)
class Series:
    """Figures in the order in which the stages came; the original, where it is known, is the first."""

    title: str
    unit: str
    points: tuple[Point, ...] = ()

    @property
    def heading(self) -> str:
        """The title with the unit."""
        return tr("{title}, {unit}").format(title=self.title, unit=self.unit)

    def rows(self) -> list[tuple[str, str, str]]:
        """The table beside the picture: stage, figure with its interval, share of the original."""
        first = self.points[0].value if self.points else 0.0
        return [(one.title, self.text(one), fmt.percent(one.value / first, 0) if first else "") for one in self.points]

    def text(self, point: Point) -> str:
        """The figure of a point, and its interval where there is one."""
        text = fmt.figures(point.value)
        if point.low is None or point.high is None:
            return text
        low, high = fmt.figures(point.low), fmt.figures(point.high)
        return f"{text} [{low}, {high}]"  # brackets hold the 95 % interval, as in the report


def size_series(measurements: Sequence[Measurement]) -> Series:
    """Size in millions of bytes after each step."""
    points = tuple(Point(one.stage, one.value / 1e6) for one in _newest(measurements, "bytes"))
    return Series(tr("Size"), "MB", points)


def latency_series(measurements: Sequence[Measurement]) -> Series:
    """Latency in milliseconds after each step.

    Where the ratio to the original is known, the figure is the original's newest latency divided by it, with the
    ratio's interval: pairs are measured side by side, while figures taken minutes apart tell how busy the computer was.
    """
    latencies = {one.stage: one for one in _newest(measurements, "latency_ms")}
    ratios = {one.stage: one for one in _newest(measurements, "latency_ratio")}
    original = latencies.get(ORIGINAL)
    points = []
    for stage in dict.fromkeys(one.stage for one in measurements if one.stage in latencies or one.stage in ratios):
        known, ratio = latencies.get(stage), ratios.get(stage)
        if ratio is not None and original is not None and stage != ORIGINAL:
            points.append(_from_ratio(stage, original.value, ratio))
        elif known is not None:
            points.append(Point(stage, known.value, known.low, known.high))
    return Series(tr("Latency"), "ms", tuple(points))


def verdict(measurements: Sequence[Measurement]) -> str:
    """What may be claimed of the speed after the newest step; empty while nothing is measured."""
    ratios = _newest(measurements, "latency_ratio")
    if not ratios:
        return ""
    newest = ratios[-1]
    if newest.low is None or newest.high is None:
        return tr("{ratio}× the speed").format(ratio=f"{newest.value:.2f}")
    if newest.low <= 1.0 <= newest.high:
        return tr("no measurable difference")
    text = tr("{ratio}× faster [{low}, {high}]") if newest.value > 1 else tr("{ratio}× slower [{low}, {high}]")
    value, low, high = newest.value, newest.low, newest.high
    if value < 1:
        value, low, high = 1 / value, 1 / high, 1 / low
    return text.format(ratio=f"{value:.2f}", low=f"{low:.2f}", high=f"{high:.2f}")


def latest(measurements: Sequence[Measurement], metric: Metric, stage: str = "") -> Measurement | None:
    """The newest figure of a metric, after a stage if one is named, else after any but the original."""
    found = [one for one in measurements if one.metric == metric and (one.stage == stage or not stage)]
    changed = [one for one in found if one.stage != ORIGINAL] if not stage else found
    return changed[-1] if changed else None


def _newest(measurements: Sequence[Measurement], metric: Metric) -> list[Measurement]:
    """The newest measurement of each stage, the original first, the others in the order in which they first came."""
    by_stage = {one.stage: one for one in measurements if one.metric == metric}
    return sorted(by_stage.values(), key=lambda one: one.stage != ORIGINAL)


def _from_ratio(stage: str, original: float, ratio: Measurement) -> Point:
    low = original / ratio.high if ratio.high else None
    high = original / ratio.low if ratio.low else None
    return Point(stage, original / ratio.value, low, high)
