"""Figures as people read them."""

import pytest

from desktop_app.commands import figures
from desktop_app.core.report import Fidelity, Ratio


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (13_900_000, "13.90 MB"), (2_500_000_000, "2.50 GB")],
)
def test_sizes(count: int, text: str) -> None:
    assert figures.size(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(12, "12"), (1500, "1.50 k"), (2_590_000, "2.59 M"), (4_000_000_000, "4.00 G")]
)
def test_counts(count: int, text: str) -> None:
    assert figures.number(count) == text


def test_a_ratio_comes_with_its_interval_and_what_may_be_claimed() -> None:
    assert (
        figures.ratio(Ratio(1.01, (0.98, 1.04), "no measurable difference"))
        == "1.01x [0.98, 1.04] no measurable difference"
    )
    assert figures.ratio(None) == "-"


def test_fidelity_on_made_up_samples_says_so() -> None:
    told = figures.fidelity(Fidelity(31.24, 0.99, 0.975, 40, synthetic=True))
    assert told == "31.2 dB, 97.5% same top-1 on 40 synthetic samples"
    assert "top-1" not in figures.fidelity(Fidelity(31.24, 0.99, None, 40, synthetic=False))
