"""The pictures of a report as SVG that stands in the page: colours come from its style sheet, nothing is loaded.

First the numbers of a picture as a value, then its drawing; both are functions of values and tested as such.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from desktop_app.core.outcome import Cost
from desktop_app.core.reach import reach
from desktop_app.core.report import Report
from desktop_app.core.text import clean_name
from desktop_app.core.units import figures, size

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 18, 46
MOST_TICKS, MOST_ROWS = 4, 24
ROW, NAME_WIDTH, FIGURE_WIDTH = 22, 250, 150


@dataclass(frozen=True)
class Bar:
    """A bar: what it is called, its figure, and the ends of its 95 % interval where there is one."""

    title: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Pair:
    """A layer before and after, in bytes."""

    title: str
    before: int
    after: int


def size_bars(report: Report, title: str) -> tuple[Bar, ...]:
    """Size in millions of bytes, as opened and after every step; `title` is what the opened model is called."""
    first = Bar(title, report.original.bytes / 1e6)
    return (first, *(Bar(step.step, step.bytes / 1e6) for step in report.steps))


def latency_bars(report: Report, first: str, last: str) -> tuple[Bar, ...]:
    """Latency in milliseconds: of the opened model, after every step that was measured, and of the result.

    What is measured is the ratio to the original, in pairs, so every bar but the first is the original's latency
    divided by it, with the interval of the ratio; see `ui.plots.series`, which draws the same.
    """
    original = report.original.latency_ms
    if original is None:
        return ()
    bars = [Bar(first, original.median, *original.ci95)]
    ratios = [(step.step, step.latency_ratio) for step in report.steps]
    for title, ratio in (*ratios, (last, report.speedup)):
        if ratio is not None and ratio.median > 0:
            low, high = (original.median / end if end > 0 else None for end in reversed(ratio.ci95))
            bars.append(Bar(title, original.median / ratio.median, low, high))
    return tuple(bars)


def layer_pairs(report: Report) -> tuple[Pair, ...]:
    """The largest layers before and after the run, the largest first."""
    before: dict[str, Cost] = {}
    after: dict[str, Cost] = {}
    for outcome in report.layers:
        before.setdefault(outcome.layer, outcome.before)
        after[outcome.layer] = outcome.after
    pairs = [Pair(clean_name(name, 60), cost.bytes, after[name].bytes) for name, cost in before.items() if cost.bytes]
    return tuple(sorted(pairs, key=lambda one: -one.before)[:MOST_ROWS])


def draw_bars(bars: Sequence[Bar], about: str) -> Markup:
    """Upright bars on an axis that begins at 0; whiskers are the intervals. `about` says in words what it shows.

    An interval that would make all bars flat ends at the edge, and an arrow says so.
    """
    if not bars:
        return Markup()
    highest = reach([one.value for one in bars], [one.high for one in bars if one.high is not None])
    top = highest * 1.12
    step = tick_step(top)
    inner, room = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / max(len(bars), 3)

    def y(value: float) -> float:
        return TOP + inner * (1 - value / top)

    parts = []
    for place in range(math.floor(top / step + 1e-9) + 1):
        at = y(place * step)
        parts.append(_line("grid", LEFT, at, WIDTH - RIGHT, at))
        parts.append(_text("tick end", LEFT - 6, at + 4, f"{place * step:g}"))
    for place, one in enumerate(bars):
        middle = LEFT + room * (place + 0.5)
        width = min(room * 0.62, 56)
        kind = "first" if place == 0 else "later"
        parts.append(_box(kind, middle - width / 2, y(one.value), width, y(0) - y(one.value)))
        if one.low is not None and one.high is not None:
            parts += [
                _line("whisker", middle, y(one.low), middle, y(min(one.high, highest))),
                _line("whisker", middle - 5, y(one.low), middle + 5, y(one.low)),
            ]
            if one.high <= highest:
                parts.append(_line("whisker", middle - 5, y(one.high), middle + 5, y(one.high)))
        above, beyond = min(one.high or one.value, highest), (one.high or 0.0) > highest
        figure = f"{figures(one.value)} ↑" if beyond else figures(one.value)
        parts.append(_text("figure middle", middle, y(above) - 5, figure))
        lower = 16 * (place % 2) if len(bars) > 4 else 0
        parts.append(_text("tick middle", middle, HEIGHT - BOTTOM + 16 + lower, _short(one.title)))
    return _picture(WIDTH, HEIGHT, about, parts)


def draw_pairs(pairs: Sequence[Pair], about: str) -> Markup:
    """Lying bars, two for each layer: before and below it after, with the figures beside them."""
    if not pairs:
        return Markup()
    width, height = 960, ROW * len(pairs) + 8
    room = width - NAME_WIDTH - FIGURE_WIDTH
    top = max(max(one.before, one.after) for one in pairs)
    parts = []
    for place, one in enumerate(pairs):
        at = 4 + ROW * place
        parts.append(_text("name end", NAME_WIDTH - 10, at + 14, _short(one.title, 36)))
        parts.append(_box("first", NAME_WIDTH, at + 3, room * one.before / top, 6))
        parts.append(_box("later", NAME_WIDTH, at + 10, room * one.after / top, 6))
        beside = NAME_WIDTH + room * max(one.before, one.after) / top + 8
        told = size(one.before) if one.before == one.after else f"{size(one.before)} → {size(one.after)}"
        parts.append(_text("figure", beside, at + 14, told))
    return _picture(width, height, about, parts)


def tick_step(top: float) -> float:
    """The step of an axis from 0 to `top`: 1, 2 or 5 times a power of ten, four steps at most."""
    least = top / MOST_TICKS if top > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * (1 - 1e-9))


def _picture(width: float, height: float, about: str, parts: Sequence[Markup]) -> Markup:
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, about)
    return head + Markup("").join(parts) + Markup("</svg>")


def _box(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    shape = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1.5"/>')
    return shape.format(kind, x, y, max(width, 0.5), max(height, 0.5))


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(kind, x1, y1, x2, y2)


def _text(kind: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, escape(text))


def _short(text: str, limit: int = 14) -> str:
    """The start and the end of a long name."""
    half = (limit - 1) // 2
    return text if len(text) <= limit else f"{text[:half]}…{text[-(limit - 1 - half) :]}"
