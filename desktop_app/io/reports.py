"""The report of a run as `report.json`, for programs, and as `report.html`, for people: a page that loads nothing."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup
from msgspec import Struct

from desktop_app.core.language import SOURCE, Catalogue, Words, catalogue_of
from desktop_app.core.outcome import Outcome
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Figures, Report, StepReport
from desktop_app.core.resources import resource
from desktop_app.core.sensitivity import EXACT_DB
from desktop_app.core.sentences import sentences_of
from desktop_app.core.stages import stage_title
from desktop_app.core.text import clean_name
from desktop_app.core.units import size
from desktop_app.io.atomic import write_text
from desktop_app.io.recipes import format_recipe
from desktop_app.io.report_summary import cards, pictures

ABSENT: Words = "not measured"


NO_HASHES: Mapping[str, str] = MappingProxyType({})

Translate = Callable[[Words], str]


class FigureRow(Struct, frozen=True):
    """One line of the comparison, as text; `ratio` is the original over the compressed."""

    title: str
    original: str
    compressed: str
    ratio: str = ""


class StepRow(Struct, frozen=True):
    """One line of the table of steps, as text: what the model is after the step, and what the step took."""

    title: str
    changed: str
    size: str
    params: str
    macs: str
    speed: str
    fidelity: str
    agreement: str
    seconds: str
    notes: tuple[str, ...] = ()


def write_report_json(report: Report, path: Path) -> None:
    """Writes the report with the keys of `Report`. Raises StudioError."""
    write_text(path, msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")


def read_report_json(path: Path) -> Report:
    """Reads what `write_report_json` wrote. Raises msgspec.DecodeError and OSError."""
    return msgspec.json.decode(path.read_bytes(), type=Report)


def write_report_html(
    report: Report,
    recipe: Recipe,
    name: str,
    path: Path,
    language: str = SOURCE,
    hashes: Mapping[str, str] = NO_HASHES,
) -> None:
    """Writes the report for people. Raises StudioError."""
    write_text(path, format_report(report, recipe, name, language, hashes))


def format_report(
    report: Report, recipe: Recipe, name: str, language: str = SOURCE, hashes: Mapping[str, str] = NO_HASHES
) -> str:
    """The report as a page that loads nothing and runs nothing.

    Args:
        report: What to tell.
        recipe: The recipe that was carried out.
        name: Of the model that was opened.
        language: The code of the language to tell it in.
        hashes: What a file is to its SHA-256.
    """
    catalogue = catalogue_of(language)
    style = resource("report.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template(catalogue, report).render(
        language=language.replace("_", "-"),
        colon=catalogue.colon,
        stop=catalogue.stop,
        report=report,
        recipe=format_recipe(recipe),
        name=name,
        hashes=hashes,
        cards=cards(report, catalogue),
        pictures=pictures(report, catalogue),
        figures=figure_rows(report.original, report.compressed, catalogue),
        steps=step_rows(report, catalogue),
        style=Markup(style),  # noqa: S704 - a file of the program
        style_hash=f"sha256-{digest}",
    )


def figure_rows(original: Figures, compressed: Figures, catalogue: Catalogue | None = None) -> tuple[FigureRow, ...]:
    """The comparison of a report as text."""
    tr = (catalogue or Catalogue()).translate
    rows = [
        _row(tr, "Size", original, compressed, lambda side: side.bytes, size),
        _row(tr, "Parameters", original, compressed, lambda side: side.params, "{:,}".format),
        _row(tr, "Multiply-accumulates", original, compressed, lambda side: side.macs, "{:,}".format),
        # The speed-up stands elsewhere: two medians taken apart make no ratio.
        _row(tr, "Latency, median", original, compressed, _median, _time, ratio=False),
        _row(tr, "Latency, 95 %", original, compressed, _p95, _time, ratio=False),
        _row(tr, "Peak memory", original, compressed, lambda side: side.peak_memory, size),
        _row(tr, "Accuracy", original, compressed, lambda side: side.accuracy, "{:.2%}".format, ratio=False),
    ]
    fidelity = compressed.fidelity
    if fidelity is not None:
        made_up, real = "{title}, on {count} made-up samples", "{title}, on {count} samples"
        on = tr(made_up if fidelity.synthetic else real)
        told: list[tuple[Words, str]] = [
            ("Signal to noise of the outputs", f"{fidelity.sqnr_db:.1f} dB"),
            ("Cosine similarity", f"{fidelity.cosine:.5f}"),
        ]
        if fidelity.top1_agreement is not None:
            told.append(("Same highest class", f"{fidelity.top1_agreement:.2%}"))
        for title, figure in told:
            rows.append(FigureRow(on.format(title=tr(title), count=f"{fidelity.samples:,}"), "", figure))
    return tuple(rows)


def step_rows(report: Report, catalogue: Catalogue | None = None) -> tuple[StepRow, ...]:
    """The original, then what it was after every step. What a step did not change is not measured again."""
    tr, before = (catalogue or Catalogue()).translate, report.original
    first = StepRow(tr("as opened"), "", size(before.bytes), f"{before.params:,}", f"{before.macs:,}", "", "", "", "")
    return (first, *(_step_row(step, tr) for step in report.steps))


def _step_row(step: StepReport, tr: Translate) -> StepRow:
    fidelity, ratio = step.fidelity, step.latency_ratio
    agreement = None if fidelity is None else fidelity.top1_agreement
    return StepRow(
        title=tr(stage_title(step.step)),
        changed=f"{step.changed:,}",
        size=size(step.bytes),
        params=f"{step.params:,}",
        macs=f"{step.macs:,}",
        speed="" if ratio is None else f"{ratio.median:.2f}x",
        fidelity="" if fidelity is None else f"{fidelity.sqnr_db:.1f} dB",
        agreement="" if agreement is None else f"{agreement:.1%}",
        seconds=tr("from the cache") if step.cached else tr("{seconds} s").format(seconds=f"{step.seconds:.1f}"),
        notes=step.notes,
    )


def times(before: float, after: float) -> str:
    """How many times `after` goes into `before`."""
    return f"{before / after:,.2f}x" if after else "-"


def change(before: int, after: int) -> str:
    """A figure before and after; once where it stayed the same."""
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def _row(
    tr: Translate,
    title: Words,
    original: Figures,
    compressed: Figures,
    figure: Callable[[Figures], float | None],
    text: Callable[[Any], str],
    *,
    ratio: bool = True,
) -> FigureRow:
    before, after = figure(original), figure(compressed)
    both = ratio and before is not None and after is not None
    return FigureRow(
        tr(title),
        tr(ABSENT) if before is None else text(before),
        tr(ABSENT) if after is None else text(after),
        times(before or 0.0, after or 0.0) if both else "",
    )


def _median(side: Figures) -> float | None:
    return side.latency_ms.median if side.latency_ms else None


def _p95(side: Figures) -> float | None:
    return side.latency_ms.p95 if side.latency_ms else None


def _time(milliseconds: float) -> str:
    return f"{milliseconds:,.3f} ms"


def _error_text(report: Report, tr: Translate) -> Callable[[Outcome], str]:
    """Tells the error of a layer's output in the row of the last step that looked at it: it is the sum of all steps."""
    errors = report.layer_errors.layers if report.layer_errors is not None else {}
    last = {outcome.layer: outcome for outcome in report.layers}

    def text(outcome: Outcome) -> str:
        found = errors.get(outcome.layer)
        if found is None or found.sqnr_db is None or last[outcome.layer] is not outcome:
            return ""
        return tr("exact") if found.sqnr_db >= EXACT_DB else f"{found.sqnr_db:.1f} dB"

    return text


def _template(catalogue: Catalogue, report: Report) -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    filters: Sequence[tuple[str, Callable[..., str]]] = (
        ("tr", catalogue.translate),
        ("told", sentences_of(catalogue).tell),
        ("fill", lambda text, **values: text.format(**values)),
        ("stage", lambda name: catalogue.translate(stage_title(name))),
        ("shown", clean_name),
        ("size", size),
        ("times", times),
        ("change", change),
        ("error", _error_text(report, catalogue.translate)),
    )
    environment.filters.update(filters)
    environment.globals["plural"] = catalogue.plural
    return environment.from_string(resource("report.html.j2").read_text("utf-8"))
