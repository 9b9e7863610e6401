"""Tables as text that a spreadsheet reads, and never runs: the words in the cells may come from strangers."""

import csv
import io
import re
from collections.abc import Sequence

Rows = Sequence[Sequence[str]]

NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?( ?[A-Za-z%×]+)?")
"""A figure, with its unit perhaps: that it begins with a sign makes no formula of it."""

STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Where a cell begins with one of these, spreadsheets take it for a formula; with some keyboards also the wide ones."""


def harmless(text: str) -> str:
    """The text of a cell; with an apostrophe before it where a spreadsheet would take it for a formula.

    Source: OWASP, CSV injection.
    """
    if text.lstrip(" ").startswith(STARTERS) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_text(rows: Rows) -> str:
    """Rows as CSV, RFC 4180: commas, quotes where they are needed, lines that end in CR LF."""
    return _written(rows, ",", "\r\n")


def tabbed(rows: Rows) -> str:
    """Rows as they are pasted into a spreadsheet: with tabs between the cells."""
    return _written(rows, "\t", "\n")


def _written(rows: Rows, between: str, end: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=between, lineterminator=end)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
