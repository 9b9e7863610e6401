import pytest
from msgspec.structs import replace

from desktop_app.core.budget import Budget, BudgetLimits, best_without, misses, preference, set_limits, without
from desktop_app.core.judged import Judged

ONE = Judged(1, (0,), bytes=200, macs=50, latency_ms=2.0, speedup=1.5, sqnr_db=20.0, agreement=0.9, drop=3.0)


@pytest.mark.parametrize(
    ("limits", "missed"),
    [
        (BudgetLimits(bytes=200, macs=50, latency_ms=2.0, speedup=1.5, max_drop=3.0, min_agreement=0.9), {}),
        (BudgetLimits(bytes=100), {"bytes": 1.0}),
        (BudgetLimits(macs=40), {"macs": 0.25}),
        (BudgetLimits(latency_ms=1.6), {"latency_ms": 0.25}),
        (BudgetLimits(speedup=3.0), {"speedup": 1.0}),
        (BudgetLimits(max_drop=1.0), {"max_drop": 0.02}),
        (BudgetLimits(min_agreement=0.95), {"min_agreement": 0.05}),
    ],
)
def test_a_limit_is_missed_by_a_share_of_it(limits: BudgetLimits, missed: dict[str, float]) -> None:
    assert misses(limits, ONE) == pytest.approx(missed)


def test_what_is_not_known_counts_as_kept_until_the_end_and_as_missed_then() -> None:
    limits = BudgetLimits(peak_memory=1000)
    assert misses(limits, ONE) == {}
    assert set(misses(limits, replace(ONE, measured=True))) == {"peak_memory"}
    assert misses(limits, replace(ONE, measured=True, peak_memory=1000)) == {}


def test_limits_come_first_then_what_is_asked_for_least() -> None:
    small, good = replace(ONE, bytes=100, sqnr_db=10.0), replace(ONE, sqnr_db=30.0)
    assert preference(BudgetLimits(bytes=150), small) < preference(BudgetLimits(bytes=150), good)
    assert preference(BudgetLimits(bytes=500), good) < preference(BudgetLimits(bytes=500), small)
    kept = BudgetLimits(min_agreement=0.5)
    assert preference(kept, small) < preference(kept, good)


def test_what_a_limit_costs_is_the_best_that_keeps_all_others() -> None:
    limits = BudgetLimits(bytes=150, min_agreement=0.95)
    small, good = replace(ONE, number=2, bytes=100), replace(ONE, number=3, agreement=0.99, sqnr_db=30.0)
    broken = replace(ONE, number=4, failed="no", bytes=0, agreement=1.0)
    found = best_without(limits, (ONE, small, good, broken))
    assert {name: one.number for name, one in found.items()} == {"bytes": 3, "min_agreement": 2}
    assert best_without(limits, (ONE,)) == {}


def test_limits_are_named() -> None:
    limits = BudgetLimits(bytes=5, speedup=2.0)
    assert set_limits(limits) == {"bytes": 5.0, "speedup": 2.0}
    assert set_limits(without(limits, "bytes")) == {"speedup": 2.0}


def test_losses_that_training_gives_back_are_limited_after_it() -> None:
    limits = BudgetLimits(bytes=150, max_drop=1.0, min_agreement=0.9)
    assert Budget(limits=limits).draft_limits == limits
    assert Budget(limits=limits, recover=100).draft_limits == BudgetLimits(bytes=150)
    losses = without(limits, "bytes")
    assert Budget(limits=losses, recover=100).draft_limits == losses
