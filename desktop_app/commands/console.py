"""What the command line prints: progress on standard error, results on standard output."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from desktop_app.core.progress import Measurement, Metric, Progress
from desktop_app.core.stages import stage_title
from desktop_app.core.text import clean_name
from desktop_app.core.units import size

METRICS: Mapping[Metric, Callable[[float], str]] = {
    "bytes": size,
    "params": lambda value: f"{value:,.0f} parameters",
    "macs": lambda value: f"{value / 1e6:.3g} MMAC",
    "latency_ms": lambda value: f"latency {value:.3g} ms",
    "latency_ratio": lambda value: f"{value:.2f} times as fast",
    "sqnr_db": lambda value: f"fidelity {value:.1f} dB",
    "top1_agreement": lambda value: f"same top-1 {value:.1%}",
    "accuracy": lambda value: f"accuracy {value:.1%}",
    "peak_memory": lambda value: f"peak memory {size(value)}",
    "loss": lambda value: f"loss {value:.4g}",
}
"""A figure as people read it."""


CLEARED = "\r\x1b[2K"
"""Begins a line of a terminal anew."""


class ProgressLine:
    """Shows progress on standard error: one line that is rewritten on a terminal, a line for each stage elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""

    def show(self, event: Progress | Measurement) -> None:
        """Shows one event."""
        title = stage_title(event.stage)
        if isinstance(event, Measurement):
            self._write(f"{title}: {METRICS[event.metric](event.value)}\n")
        elif self._terminal:
            text = f" {clean_name(event.text)}" if event.text else ""
            left = "" if event.eta is None else f" ({_duration(event.eta)} left)"
            self._write(f"{title} {event.done:.0%}{text}{left}")
        elif event.stage != self._stage:
            self._write(f"{title} ...\n")
        if isinstance(event, Progress):
            self._stage = event.stage

    def close(self) -> None:
        """Clears the line."""
        if self._terminal:
            self._write("")

    def _write(self, line: str) -> None:
        sys.stderr.write((CLEARED if self._terminal else "") + line)
        sys.stderr.flush()


def _duration(seconds: float) -> str:
    """A time to wait."""
    whole = max(round(seconds), 1)
    return f"{whole} s" if whole < 120 else f"{whole / 60:.0f} min"


def print_json(result: msgspec.Struct | dict[str, object]) -> None:
    """Prints one JSON object, on one line."""
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")


def print_line(line: str) -> None:
    """Prints a line of text as it is: names out of files are never markup."""
    sys.stdout.write(line + "\n")


def print_note(line: str) -> None:
    """Prints a line beside the result, on standard error, in place of the progress there."""
    sys.stderr.write((CLEARED if sys.stderr.isatty() else "") + line + "\n")
    sys.stderr.flush()


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Prints a table; the first `left` columns are text, the others figures (aligned right)."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="left" if index < left else "right", no_wrap=index < left, overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean_name(cell) if cell else "") for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(file=sys.stdout, width=width, highlight=False).print(table)
