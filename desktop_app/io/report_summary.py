"""The first page of a report: the result in a few large figures, and what can be drawn of it."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup
from msgspec import Struct

from desktop_app.core.language import Catalogue
from desktop_app.core.report import Report
from desktop_app.core.stages import stage_title
from desktop_app.core.units import size
from desktop_app.io.report_pictures import Bar, draw_bars, draw_pairs, latency_bars, layer_pairs, size_bars


class Card(Struct, frozen=True):
    """A large figure: its title, before and after, and what may be claimed."""

    title: str
    value: str
    claim: str = ""


class Picture(Struct, frozen=True):
    """A drawing with its title, and what its colours mean."""

    title: str
    drawing: Markup
    note: str = ""
    wide: bool = False


def cards(report: Report, catalogue: Catalogue) -> tuple[Card, ...]:
    """Size, latency, accuracy and fidelity, as far as they were measured."""
    tr, before, after = catalogue.translate, report.original, report.compressed
    found = [Card(tr("Size"), f"{size(before.bytes)} → {size(after.bytes)}")]
    if before.latency_ms and after.latency_ms and report.speedup:
        low, high = report.speedup.ci95
        latency = before.latency_ms.median
        told = tr("{ratio}x the speed [{low}, {high}]")
        claim = told.format(ratio=f"{report.speedup.median:.2f}", low=f"{low:.2f}", high=f"{high:.2f}")
        # The ratio of pairs, not of two medians taken apart.
        result = latency / report.speedup.median
        found.append(Card(tr("Latency, ms"), f"{latency:.3g} → {result:.3g}", claim))
    if before.accuracy is not None and after.accuracy is not None:
        found.append(Card(tr("Accuracy"), f"{before.accuracy:.1%} → {after.accuracy:.1%}"))
    if after.fidelity is not None:
        agreement = after.fidelity.top1_agreement
        same = "" if agreement is None else tr("same highest class: {share}").format(share=f"{agreement:.1%}")
        found.append(Card(tr("Fidelity"), f"{after.fidelity.sqnr_db:.1f} dB", same))
    return tuple(found)


def pictures(report: Report, catalogue: Catalogue) -> tuple[Picture, ...]:
    """Size and latency after every step, and the largest layers; their figures stand in the tables below."""
    tr = catalogue.translate
    sizes = _named(size_bars(report, tr("Original")), catalogue)
    times = _named(latency_bars(report, tr("Original"), tr("Result")), catalogue)
    upright = ((tr("Size, MB"), sizes, ""), (tr("Latency, ms"), times, tr("with 95 % intervals")))
    found = [Picture(title, draw_bars(bars, title), note) for title, bars, note in upright if len(bars) > 1]
    pairs = layer_pairs(report)
    if pairs:
        title = tr("The largest layers")
        meaning = tr("above: as opened, below: after the run")
        found.append(Picture(title, draw_pairs(pairs, title), meaning, wide=True))
    return tuple(found)


def _named(bars: Sequence[Bar], catalogue: Catalogue) -> tuple[Bar, ...]:
    """The bars of steps under the names that the user knows; the first and the last have theirs."""
    return tuple(replace(one, title=catalogue.translate(stage_title(one.title))) for one in bars)
