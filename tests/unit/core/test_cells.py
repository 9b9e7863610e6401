import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.cells import STARTERS, csv_text, harmless, tabbed


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", " =1", "＝1", "-1(2)", "-x"]
)
def test_a_formula_is_quoted(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-3", "+0.5", "-3.2 dB", "-1e-05", "12 %", "-2×", "layer1/conv", "", "– ", "3 - 2"])
def test_figures_and_words_stay(text):
    assert harmless(text) == text


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1)))
def test_what_is_written_is_read_again_and_nothing_begins_like_a_formula_but_figures(rows):
    read = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    assert read == [[harmless(cell) for cell in row] if row != [""] else [""] for row in rows]


def test_commas_quotes_and_lines_are_kept_apart():
    assert csv_text([["a,b", 'say "x"'], ["two\nlines", ""]]) == '"a,b","say ""x"""\r\n"two\nlines",\r\n'
    assert tabbed([["a", "=b"]]) == "a\t'=b\n"
    assert STARTERS[0] == "="
