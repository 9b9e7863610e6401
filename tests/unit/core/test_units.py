"""Numbers as people read them."""

import pytest

from desktop_app.core import units


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (13_950_000, "13.9 MB"), (250e6, "250 MB"), (3.2e9, "3.20 GB")],
)
def test_sizes_have_three_figures(count, text):
    assert units.size(count) == text


@pytest.mark.parametrize(("count", "text"), [(864, "864"), (2304, "2.30k"), (2_200_000, "2.20M"), (4.1e9, "4.10G")])
def test_amounts(count, text):
    assert units.amount(count) == text
