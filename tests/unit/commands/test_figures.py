"""Figures as people read them."""

from desktop_app.commands import figures
from desktop_app.core.report import Fidelity, Ratio


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
