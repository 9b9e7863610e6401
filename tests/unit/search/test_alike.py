"""All choices as strong as each other, and no stronger than the limits ask for."""

import pytest
from msgspec.structs import replace

from desktop_app.core.budget import BudgetLimits
from desktop_app.search.strategies import STRATEGIES
from desktop_app.search.strategies.alike import all_alike
from desktop_app.search.strategies.base import Outlook
from tests.unit.search.test_policy import DAMAGES, OUTLOOK, judged


def within(limits: BudgetLimits) -> Outlook:
    return Outlook(DAMAGES, OUTLOOK.foretell, limits)


@pytest.mark.parametrize(("speedup", "gene"), [(1.2, 1), (1.5, 2), (2.0, 2), (2.5, 3)])
def test_it_is_the_gentlest_that_keeps_the_limits(speedup: float, gene: int) -> None:
    assert all_alike(within(BudgetLimits(speedup=speedup))) == (gene,) * len(DAMAGES.noise)


def test_there_is_none_without_limits_within_them_or_beyond_them() -> None:
    for limits in (BudgetLimits(), BudgetLimits(speedup=1.0), BudgetLimits(speedup=100.0)):
        assert all_alike(within(limits)) is None


@pytest.mark.parametrize("name", ["auto", "gradient", "reinforcement"])
def test_strategies_that_weigh_judge_it_early(name: str) -> None:
    outlook = within(replace(OUTLOOK.limits, bytes=None, speedup=2.0))
    starts = STRATEGIES[name]().starts(outlook, 40)
    assert all_alike(outlook) in starts[:2]
    assert outlook.enough(starts[0])
    assert judged(0, starts[0]).sqnr_db > 0.0
