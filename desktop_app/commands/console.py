"""What the command line prints: progress on standard error, results on standard output."""

import sys
from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.text import clean_name

UNITS = {"bytes": "bytes", "latency_ms": "ms", "sqnr_db": "dB"}


class ProgressLine:
    """Shows progress on standard error: one line that is rewritten on a terminal, a line for each stage elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""

    def show(self, event: Progress | Measurement) -> None:
        """Shows one event."""
        if isinstance(event, Measurement):
            self._write(
                f"{event.stage}: {event.metric} {event.value:.6g} {UNITS.get(event.metric, '')}".rstrip() + "\n"
            )
        elif self._terminal:
            self._write(f"{event.stage} {event.done:.0%} {clean_name(event.text)}")
        elif event.stage != self._stage:
            self._write(f"{event.stage} ...\n")
        if isinstance(event, Progress):
            self._stage = event.stage

    def close(self) -> None:
        """Clears the line."""
        if self._terminal:
            self._write("")

    def _write(self, line: str) -> None:
        sys.stderr.write(("\r\x1b[2K" if self._terminal else "") + line)
        sys.stderr.flush()


def print_json(result: msgspec.Struct | dict[str, object]) -> None:
    """Prints one JSON object, on one line."""
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")


def print_line(line: str) -> None:
    """Prints a line of text as it is: names out of files are never markup."""
    sys.stdout.write(line + "\n")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Prints a table; the first `left` columns are text, the others figures (aligned right)."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="left" if index < left else "right", no_wrap=index < left, overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean_name(cell) if cell else "") for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(file=sys.stdout, width=width, highlight=False).print(table)
