"""The numbers of a small picture: what is drawn, what is said below it, and its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["plain", "gone", "chosen", "pale"]
"""How a bar is drawn: as usual, hatched (it goes), filled with the accent (it is chosen), or behind everything."""

Symbol = Literal["circle", "square", "triangle", "none"]


@dataclass(frozen=True)
class Bar:
    """A bar from the ground to `top`."""

    left: float
    right: float
    top: float
    style: Style = "plain"


@dataclass(frozen=True)
class Line:
    """Points joined by a line. `ringed` are the positions of points that are marked as chosen."""

    points: tuple[tuple[float, float], ...]
    symbol: Symbol = "none"
    ringed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mark:
    """An upright line with a word beside it: what is chosen, or (dashed) a limit."""

    at: float
    text: str = ""
    chosen: bool = True


@dataclass(frozen=True)
class Tick:
    """A place at the lower or left edge, and what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Table:
    """The same in figures."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class MiniPicture:
    """A small picture.

    Attributes:
        words: What it says, in a sentence.
        table: Its figures.
        bars: Drawn from left to right.
        lines: Drawn above the bars.
        marks: Drawn above all.
        x_range: Left and right end.
        y_range: Lower and upper end.
        x_ticks: Along the lower edge.
        y_ticks: Along the left edge, with a thin line across each.
        captions: Names of parts of the picture, at the top.
    """

    words: str
    table: Table
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    captions: tuple[Tick, ...] = ()


@dataclass(frozen=True)
class Note:
    """A sentence in place of a picture: why there is none, or when it comes."""

    words: str


Shown = MiniPicture | Note


def at_share(values: Sequence[float], share: float) -> float:
    """The value that lies at a share in [0, 1] of the way through values, the nearest one."""
    return values[min(max(round(share * (len(values) - 1)), 0), len(values) - 1)] if values else 0.0
