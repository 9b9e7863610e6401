"""What the colours of the boxes can mean, as rows of data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop_app.core.layer import Layer
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document, HeatBy
from desktop_app.ui.heat import KINDS, measured_errors, tip_of, title_of
from desktop_app.ui.text import Words, tr

Values = Sequence[float]

QUIET_DB, LOUD_DB = 60.0, 10.0
"""A layer whose change leaves the outputs above the one is not sensitive; below the other it is as sensitive as any."""
FLOAT_BITS = 32.0
EVEN = 0.7
"""Below 1: small shares can be told apart, too."""


@dataclass(frozen=True)
class Measure:
    """A figure of every layer.

    Attributes:
        id: Name in code and in the settings.
        title: What the user calls it.
        tip: What it is, in a sentence.
        why_not: Why it is not known; empty where it is.
        value: Of a layer; None where it has none.
        together: That of several layers.
        text: As the user reads it: the figure, and that of the whole model.
        level: How strong the colour is, in [0, 1]: the figure, and the largest one that is to be seen.
        ends: What the weakest and the strongest colour mean, given the largest figure that is to be seen.
        heat: The kind of the tree's heat column that it is, which also knows it of several layers; empty for none.
    """

    id: str
    title: Words
    tip: Words
    why_not: Callable[[Document], str]
    value: Callable[[Document, Layer], float | None]
    together: Callable[[Values], float]
    text: Callable[[float, float], str]
    level: Callable[[float, float], float]
    ends: Callable[[float, float], tuple[str, str]]
    heat: HeatBy = ""

    def told(self, document: Document) -> str:
        """What the user calls it; of errors, whether they are measured."""
        return title_of(document, self.heat) if self.heat else tr(self.title)

    def explained(self, document: Document) -> str:
        """What it is, in a sentence."""
        return tip_of(document, self.heat) if self.heat else tr(self.tip)

    def of(self, document: Document, layers: Sequence[str]) -> float | None:
        """The figure of these layers together; None where none of them has one."""
        if self.heat:
            return KINDS[self.heat].value(document, [document.layer(name) for name in layers])
        found = [self.value(document, document.layer(name)) for name in layers]
        known = [one for one in found if one is not None]
        return self.together(known) if known else None

    def whole(self, document: Document) -> float:
        """The figure of the whole model, where boxes tell their share of it."""
        return document.profile.total_ms if self.id == "time" and document.profile is not None else 0.0


def _known(document: Document) -> str:
    return ""


def _timed(document: Document) -> str:
    return "" if document.profile is not None else tr("The time of the layers is not measured yet.")


def _tried(document: Document) -> str:
    return "" if document.tried_any else tr("Not measured yet: choose Measure sensitivity in the Run menu.")


def _erring(document: Document) -> str:
    return "" if measured_errors(document) is not None else _tried(document)


def _time(document: Document, layer: Layer) -> float | None:
    return None if document.profile is None else document.profile.milliseconds.get(layer.name, 0.0)


def _bits(document: Document, layer: Layer) -> float:
    return float(min(layer.bits, document.settings(layer).bits))


def _heat(by: HeatBy) -> Callable[[Document, Layer], float | None]:
    """As the tree's heat column has it."""
    return lambda document, layer: KINDS[by].value(document, (layer,))


def _share(value: float, most: float) -> float:
    return (value / most) ** EVEN if most > 0 else 0.0


def _sensitive(value: float, most: float) -> float:
    return min(max((QUIET_DB - value) / (QUIET_DB - LOUD_DB), 0.0), 1.0)


def _rounded(value: float, most: float) -> float:
    """From float to 2 bits in even steps for each halving."""
    steps = 0.0
    while value < FLOAT_BITS and steps < 4:
        value, steps = value * 2, steps + 1
    return steps / 4


def _decibels(value: float, whole: float) -> str:
    return fmt.decibel(value) if value >= fmt.EXACT_DB else tr("{number} dB").format(number=fmt.figures(value))


MEASURES: tuple[Measure, ...] = (
    Measure("time", "Time", "Share of the measured time of the model", _timed, _time, sum,
            lambda value, whole: fmt.percent(value / whole if whole else 0.0), _share,
            lambda most, whole: ("0 %", fmt.percent(most / whole if whole else 0.0))),
    Measure("size", "Size", "What the layers take in the file", _known, lambda d, layer: float(layer.bytes), sum,
            lambda value, whole: fmt.size(int(value)), _share, lambda most, whole: ("0", fmt.size(int(most)))),
    Measure("macs", "MACs", "Multiply-accumulates for one sample", _known, lambda d, layer: float(layer.macs), sum,
            lambda value, whole: fmt.amount(value), _share, lambda most, whole: ("0", fmt.amount(most))),
    Measure("bits", "Bits", "How many bits store one weight, as the recipe asks; of a group the fewest", _known, _bits,
            min, lambda value, whole: tr("{bits} bit").format(bits=f"{value:g}"), _rounded,
            lambda most, whole: (tr("32 bit"), tr("2 bit"))),
    Measure("sensitivity", KINDS["sensitivity"].title, KINDS["sensitivity"].tip, _tried, _heat("sensitivity"), min,
            _decibels, _sensitive, lambda most, whole: (_decibels(QUIET_DB, 0.0), _decibels(LOUD_DB, 0.0)),
            heat="sensitivity"),
    Measure("error", KINDS["error"].title, KINDS["error"].tip, _erring, _heat("error"), min, _decibels,
            _sensitive, lambda most, whole: (_decibels(QUIET_DB, 0.0), _decibels(LOUD_DB, 0.0)), heat="error"),
)  # fmt: skip
"""In the order in which they are offered."""

BY_ID = {measure.id: measure for measure in MEASURES}
