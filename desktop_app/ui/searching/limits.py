"""The limits of a budget as rows of data: how they are asked for, and how they are told."""

from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.core.budget import LIMITED
from desktop_app.core.judged import Judged
from desktop_app.ui import format as fmt
from desktop_app.ui.text import Words, tr


@dataclass(frozen=True)
class Bound:
    """A limit.

    Attributes:
        name: As `BudgetLimits` calls it.
        title: What the user calls it.
        free: What the user reads where it is not set.
        before: What stands before the number, "≤ " or "≥ ".
        unit: What stands behind it.
        scale: The limit is the number times this.
        decimals: Digits after the point.
        most: The greatest number.
        tip: What it limits, a sentence.
        told: The limit in words, with its value.
        text: A figure in words.
        main: Whether it is asked for in the first row.
    """

    name: str
    title: Words
    free: Words
    before: Words
    unit: Words
    scale: float
    decimals: int
    most: float
    tip: Words
    told: Words
    text: Callable[[float], str]
    main: bool = True

    @property
    def least(self) -> float:
        """The smallest limit, in the unit: below it there is none. No point lost may be asked for."""
        return 0.0 if self.name == "max_drop" else 10.0**-self.decimals


BOUNDS: tuple[Bound, ...] = (
    Bound("bytes", "Size at most", "any size", "≤ ", " MB", 1e6, 3, 1e6, "Of the file", "size at most {value}",
          lambda v: fmt.size(round(v))),
    Bound("speedup", "Speed-up at least", "any speed", "≥ ", "×", 1.0, 2, 1000, "The original's time over the "
          "result's, measured in turns on this machine", "speed-up at least {value}", lambda v: f"{v:.2f}×"),
    Bound("latency_ms", "Latency at most", "any latency", "≤ ", " ms", 1.0, 3, 1e6, "Time for one sample, measured on "
          "this machine", "latency at most {value}", fmt.milliseconds),
    Bound("max_drop", "Points lost at most", "any loss", "≤ ", " points", 1.0, 1, 100, "Points of accuracy, on "
          "labelled samples that the search has not seen", "points lost at most {value}", fmt.points),
    Bound("min_agreement", "Same answers at least", "any share", "≥ ", " %", 0.01, 1, 100, "Share of the samples that "
          "get the same answer as before; needs no labels", "same answers at least {value}", fmt.percent),
    Bound("macs", "MACs at most", "any number", "≤ ", " MMAC", 1e6, 3, 1e6, "Multiply-accumulates for one sample",
          "MACs at most {value}", fmt.macs, main=False),
    Bound("peak_memory", "Peak memory at most", "any memory", "≤ ", " MB", 1e6, 1, 1e6, "While one sample is computed; "
          "measured of the best only, in the end", "peak memory at most {value}", lambda v: fmt.size(round(v)),
          main=False),
)  # fmt: skip
"""In the order in which they are asked for."""

BOUND = {one.name: one for one in BOUNDS}


def limit_words(name: str, limit: float) -> str:
    """A limit in words: "size at most 2 MB"."""
    bound = BOUND[name]
    return tr(bound.told).format(value=bound.text(limit))


def value_words(name: str, judged: Judged) -> str:
    """The figure of a candidate that a limit is on; a dash where it is not known."""
    value = getattr(judged, LIMITED[name])
    return fmt.UNKNOWN if value is None else BOUND[name].text(float(value))
