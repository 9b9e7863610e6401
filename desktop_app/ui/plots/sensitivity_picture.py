"""What a layer changed alone costs the outputs, for each setting that was tried, and the time that it then takes."""

from collections.abc import Iterator, Sequence

from desktop_app.core.chosen_change import MODERATE, chosen_of
from desktop_app.core.sensitivity import Candidate, Change, LayerSensitivity, changes_of
from desktop_app.core.settings import Knob
from desktop_app.ui import format as fmt
from desktop_app.ui.inspection import Subject
from desktop_app.ui.plots.mini import Bar, Line, MiniPicture, Note, Shown, Symbol, Table, Tick
from desktop_app.ui.text import Words, tell, tr

KNOBS: tuple[tuple[Knob, Symbol], ...] = (("prune", "circle"), ("rank", "square"), ("bits", "triangle"))
CAPTIONS: dict[Knob, Words] = {"prune": "Prune %", "rank": "Rank %", "bits": "Bits"}
TOP_DB = 60.0
"""What is better is drawn at the upper edge: nobody could see the difference."""

GAP = 0.8
"""Between two knobs, in places."""


def sensitivity_picture(subject: Subject) -> Shown:
    """Signal to noise of the outputs against the settings of each knob; behind it, the time against that in float."""
    tried = subject.tried
    if tried is None:
        return Note(tr("Not measured yet: try every layer alone."))
    bars: list[Bar] = []
    lines: list[Line] = []
    ticks: list[Tick] = []
    captions: list[Tick] = []
    start = 0.0
    for knob, symbol in KNOBS:
        changes = _changes(subject, knob)
        points: list[tuple[float, float]] = []
        ringed: list[int] = []
        chosen = chosen_change(subject, knob)
        for place, change in enumerate(changes):
            candidate = tried.candidates.get(change.title)
            middle = start + place + 0.5
            ticks.append(Tick(middle, short_text(change)))
            if candidate is None or candidate.reason:
                continue
            ringed += [len(points)] if change == chosen else []
            points.append((middle, candidate.output_db))
            share = time_share(tried, candidate)
            if share is not None:
                bars.append(Bar(middle - 0.4, middle + 0.4, min(share, 1.0) * TOP_DB, "pale"))
        lines += [Line(tuple(points), symbol, tuple(ringed))] if points else []
        captions.append(Tick(start + len(changes) / 2, tr(CAPTIONS[knob])))
        start += len(changes) + GAP
    if not lines:
        return Note(tr("Nothing could be tried: {reason}").format(reason=tell(_reason(tried))))
    return MiniPicture(
        _words(subject, tried),
        sensitivity_table(tried),
        tuple(bars),
        tuple(lines),
        x_range=(0, start - GAP),
        y_range=(0, TOP_DB),
        x_ticks=tuple(ticks),
        y_ticks=(Tick(0, "0"), Tick(20, "20"), Tick(40, "40"), Tick(60, "60 dB")),
        captions=tuple(captions),
    )


def sensitivity_table(tried: LayerSensitivity) -> Table:
    """Every change that was tried: fidelity, agreement and time, or why it could not be."""
    headings = (tr("Change"), tr("Fidelity"), tr("Same class"), tr("Time"))
    return Table(headings, tuple(_row(tried, change) for change in _all(tried)))


def change_text(change: Change) -> str:
    """A change in words: prune 50 %, rank 50 %, 8 bits."""
    if change.knob == "bits":
        text = tr("{bits} bits") if change.activations or change.value != 8 else tr("{bits} bits, weights only")
        return text.format(bits=int(change.value))
    text = tr("prune {share}") if change.knob == "prune" else tr("rank {share}")
    return text.format(share=fmt.percent(change.value, 0))


def short_text(change: Change) -> str:
    """The setting alone, for the axis."""
    return str(int(change.value)) if change.knob == "bits" else f"{100 * change.value:.0f}"


def time_share(tried: LayerSensitivity, candidate: Candidate) -> float | None:
    """The time of a changed layer over that in float; None where either is not known."""
    if candidate.microseconds is None or not tried.microseconds:
        return None
    return candidate.microseconds / tried.microseconds


def chosen_change(subject: Subject, knob: Knob) -> Change | None:
    """As `chosen_of`, of the layer that is looked at."""
    return chosen_of(subject.layer, subject.settings, subject.recipe, knob)


def _changes(subject: Subject, knob: Knob) -> Sequence[Change]:
    return changes_of(knob, activations=bool(subject.recipe.methods.quantize.activations))


def _words(subject: Subject, tried: LayerSensitivity) -> str:
    """What the recipe's settings cost, each alone; where it asks for nothing, what moderate ones would."""
    chosen = [change for knob, _ in KNOBS if (change := chosen_change(subject, knob)) is not None]
    changes = chosen or [
        change for knob, _ in KNOBS for change in _changes(subject, knob) if change.value == MODERATE[knob]
    ]
    told = [_told(tried, change) for change in changes if _has(tried, change)]
    return "\n".join(told) or tr("Not tried as it is set now.")


def _told(tried: LayerSensitivity, change: Change) -> str:
    candidate = tried.candidates[change.title]
    share = time_share(tried, candidate)
    if share is None:
        return tr("{change} alone: {noise}").format(change=change_text(change), noise=fmt.decibel(candidate.output_db))
    return tr("{change} alone: {noise} at {share} of the time").format(
        change=change_text(change), noise=fmt.decibel(candidate.output_db), share=fmt.percent(share, 0)
    )


def _has(tried: LayerSensitivity, change: Change) -> bool:
    candidate = tried.candidates.get(change.title)
    return candidate is not None and not candidate.reason


def _all(tried: LayerSensitivity) -> Iterator[Change]:
    for knob, _ in KNOBS:
        for activations in (True, False) if knob == "bits" else (True,):
            for change in changes_of(knob, activations=activations):
                if change.title in tried.candidates and (activations or change.value == 8):
                    yield change


def _row(tried: LayerSensitivity, change: Change) -> tuple[str, str, str, str]:
    candidate = tried.candidates[change.title]
    if candidate.reason:
        return change_text(change), tell(candidate.reason), fmt.UNKNOWN, fmt.UNKNOWN
    agreement = fmt.percent(candidate.agreement, 0) if candidate.agreement is not None else fmt.UNKNOWN
    time = fmt.UNKNOWN if candidate.microseconds is None else fmt.milliseconds(candidate.microseconds / 1000)
    return change_text(change), fmt.decibel(candidate.output_db), agreement, time


def _reason(tried: LayerSensitivity) -> str:
    return next((one.reason for one in tried.candidates.values() if one.reason), "")
