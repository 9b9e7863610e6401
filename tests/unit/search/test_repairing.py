"""Candidates brought within limits by as little as does it."""

import numpy as np
import pytest

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.search.strategies.base import Genes, Outlook
from desktop_app.search.strategies.repairing import relaxed, repaired, tightened
from tests.unit.search.apart import apart

CHOICES = 6
DAMAGES = apart(
    noise=tuple(np.array([0.0, 1e-4, 1e-3]) * (1 + place) for place in range(CHOICES)),
    saved=[np.array([[0.0, 0.5, 1.0], [0.0, 10.0, 20.0], [0.0, 0.0, 0.0]])] * CHOICES,
    whole=np.tile([[10.0 / CHOICES], [200.0 / CHOICES], [1.0]], CHOICES),
)


def foretold(genes: Genes) -> Judged:
    """Together values save less than alone."""
    together = 0.9 * sum(genes)
    return Judged(0, genes, bytes=round(200 - 10 * together), latency_ms=10.0 - 0.5 * together)


def outlook(limits: BudgetLimits) -> Outlook:
    return Outlook(DAMAGES, foretold, limits)


def noise(genes: Genes) -> float:
    return sum(float(one[gene]) for one, gene in zip(DAMAGES.noise, genes, strict=True))


@pytest.mark.parametrize(
    "limits", [BudgetLimits(bytes=140), BudgetLimits(latency_ms=7.0), BudgetLimits(150, None, 7.0)]
)
def test_what_misses_a_limit_keeps_it_then_with_the_least_noise(limits: BudgetLimits) -> None:
    found = repaired((0,) * CHOICES, outlook(limits))
    assert outlook(limits).enough(found)
    for place, gene in enumerate(found):
        if gene:
            gentler = (*found[:place], gene - 1, *found[place + 1 :])
            assert not outlook(limits).enough(gentler)
    assert found[0] >= found[-1]  # the first choices cost least


def test_what_keeps_more_than_the_limit_is_given_back() -> None:
    limits = outlook(BudgetLimits(bytes=170))
    found = relaxed((2,) * CHOICES, limits)
    assert limits.enough(found)
    assert noise(found) < 0.5 * noise((2,) * CHOICES)


def test_what_cannot_be_kept_is_come_near_to() -> None:
    limits = outlook(BudgetLimits(bytes=1))
    assert tightened((0,) * CHOICES, limits) == (2,) * CHOICES
    assert relaxed((1,) * CHOICES, limits) == (1,) * CHOICES
