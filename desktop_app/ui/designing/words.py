"""A design in words: what is asked for, what has come of it beside the model that taught, where it was stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.budget import BudgetLimits, set_limits
from desktop_app.core.design import Design, Scaling
from desktop_app.core.language import current
from desktop_app.core.summary import ModelSummary
from desktop_app.core.text import clean_name
from desktop_app.jobs.designs import Designed
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.searching.limits import BOUND, limit_words
from desktop_app.ui.text import Words, plural, tell, tr
from desktop_app.zoo.families import FAMILIES

WAYS: Mapping[Scaling, Words] = {"search": "search", "compound": "compound scaling", "width": "width alone"}

ABOUT_WAYS: Mapping[Scaling, Words] = {
    "search": "All models of the family about the limit are taught together, then the best is searched: channels, "
    "blocks, kernels and resolution. It takes longest: a scaled one may know more if it is taught on all those "
    "batches.",
    "compound": "The family's own model, made smaller in width, depth and resolution together, by one number.",
    "width": "The family's own model with fewer channels; all else stays as it was published.",
}

LEGEND: Words = (
    "Resolution, channels of the first convolution / its stride | channels × blocks, k: kernel, e: expansion, se: "
    "squeeze and excitation, / stride, for each stage | channels of the last convolution"
)


@dataclass(frozen=True)
class FigureRow:
    """A figure of the student beside the original's, which is empty where it has none."""

    title: str
    original: str
    student: str


@dataclass(frozen=True)
class Sheet:
    """All that is told of a student that was designed.

    Attributes:
        kept: Whether every limit is kept.
        verdict: That they are, or which are not and by how much: a sentence each.
        architecture: What it looks like, in one line.
        rows: Its figures.
        notes: What else there is to know, a sentence each.
    """

    kept: bool
    verdict: tuple[str, ...]
    architecture: str
    rows: tuple[FigureRow, ...]
    notes: tuple[str, ...]


def sheet_of(found: Designed, asked: Design, original: ModelSummary) -> Sheet:
    """What is told of a student.

    Args:
        found: The student.
        asked: What was asked for.
        original: The model that taught it.
    """
    where = tr("Written: {path}, {size}.").format(path=found.path, size=fmt.size(found.bytes))
    notes = (*_origin(found), where, tell(found.checked), *map(tell, found.notes))
    return Sheet(
        not found.missed,
        _verdict(found, asked),
        found.architecture.told(),
        _rows(found, original),
        tuple(filter(None, notes)),
    )


def asked_words(asked: Design) -> str:
    """What is asked for, in one line."""
    family = FAMILIES[asked.family].title if asked.family in FAMILIES else asked.family
    limits = [limit_words(name, limit) for name, limit in _limits(asked).items()]
    return current().comma.join((family, *limits, tr(WAYS[asked.scaling])))


def data_words(document: Document) -> str:
    """On what the model teaches, a sentence; empty where there are no data."""
    path, data = document.recipe.data.path, document.data
    if path is None:
        return ""
    name = clean_name(Path(path).name, 40)
    if data is None:
        return tr("The model teaches on {name}; labels are not needed.").format(name=name)
    return plural(
        data.samples,
        "The model teaches on {name}, which has one sample; labels are not needed.",
        "The model teaches on {name}, which has {count} samples; labels are not needed.",
        name=name,
    )


def stopped_words(stages: Sequence[str], folder: str) -> str:
    """What a design that was stopped has left, a sentence.

    Args:
        stages: Of the work, in the order in which they were worked on last.
        folder: Where the student was to be left.
    """
    last = stages[-1] if stages else ""
    if last in ("measure", "evaluate"):
        told = tr("Stopped while it was measured: {folder} has the student, which is taught to its end.")
    elif last == "recover":
        told = tr("Stopped: {folder} has the student as it came out of the search. What it has learned since is kept: "
                  "ask for the same, and it goes on.")  # fmt: skip
    elif last in ("write", "convert"):
        told = tr("Stopped while the student was written to {folder}.")
    else:
        told = tr("Stopped: {folder} is as it was. What was measured and taught is kept: ask for the same, and it goes "
                  "on.")  # fmt: skip
    return told.format(folder=folder)


def _limits(asked: Design) -> Mapping[str, float]:
    return set_limits(BudgetLimits(speedup=asked.speedup, latency_ms=asked.latency_ms))


def _verdict(found: Designed, asked: Design) -> tuple[str, ...]:
    limits = _limits(asked)
    if not found.missed:
        told = current().comma.join(limit_words(name, limit) for name, limit in limits.items())
        return (tr("It keeps what you asked for: {limits}.").format(limits=told),)
    text = tr("Not kept: {limit}. This is the nearest that was found; it has {value}.")
    return tuple(
        text.format(limit=limit_words(name, limits[name]), value=BOUND[name].text(value))
        for name, value in found.missed.items()
        if name in limits
    )


def _rows(found: Designed, original: ModelSummary) -> tuple[FigureRow, ...]:
    low, high = found.latency_ms.ci95
    slowest, fastest = found.speedup.ci95
    rows = [
        FigureRow(tr("Speed-up"), "", f"{found.speedup.median:.2f}× [{slowest:.2f}, {fastest:.2f}]"),
        FigureRow(tr("Latency"), "", f"{fmt.milliseconds(found.latency_ms.median)} "
                                     f"[{fmt.figures(low)}, {fmt.figures(high)}]"),
        FigureRow(tr("Size"), fmt.size(original.bytes), fmt.size(found.bytes)),
        FigureRow(tr("Parameters"), fmt.amount(original.cost.params), fmt.amount(found.params)),
        FigureRow(tr("MACs"), fmt.macs(original.cost.macs), fmt.macs(found.macs)),
    ]  # fmt: skip
    if found.fidelity is not None and found.fidelity.top1_agreement is not None:
        rows.append(FigureRow(tr("Same answers"), "", fmt.percent(found.fidelity.top1_agreement)))
    if found.accuracy is not None:
        rows.append(FigureRow(tr("Accuracy"), fmt.percent(found.original_accuracy), fmt.percent(found.accuracy)))
    return tuple(rows)


def _origin(found: Designed) -> tuple[str, ...]:
    """Out of how many it was chosen, or how the family's own model was scaled; and on what it was judged."""
    told = []
    if found.judged:
        told.append(
            plural(
                found.judged,
                "One of about {all} candidates was judged.",
                "{count} of about {all} candidates were judged.",
                all=f"10^{found.exponent:.0f}",
            )
        )
    elif found.parameter is not None:
        text = tr("It is the family's own model, scaled by {number}.")
        told.append(text.format(number=fmt.figures(found.parameter)))
    if found.fidelity is not None:
        told.append(
            plural(
                found.fidelity.samples,
                "It was judged on one sample that taught nothing.",
                "It was judged on {count} samples that taught nothing.",
            )
        )
    return tuple(told)
