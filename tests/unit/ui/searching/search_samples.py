"""A search made by hand: two layers, a budget on size and speed, candidates with figures."""

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.core.recipe import Recipe
from desktop_app.core.searching import SearchBegun
from desktop_app.core.space import Choice

LIMITS = BudgetLimits(bytes=600_000, speedup=1.5)
BUDGET = Budget(limits=LIMITS, time=600.0, trials=None)
CHOICES = (
    Choice("prune", ("/block/inner/conv1",), (0.0, 0.25, 0.5)),
    Choice("bits", ("/head/classifier",), (32, 16, 8)),
)
ORIGINAL = Judged(0, (0, 0), bytes=1_000_000, macs=10_000_000, latency_ms=2.0, sqnr_db=200.0, agreement=1.0)
FIGURES = ((900, 1.2, 40.0), (500, 1.4, 30.0), (550, 1.6, 25.0), (400, 2.0, 10.0))
CANDIDATES = tuple(
    Judged(number, (number % 3, number // 3), bytes=kb * 1000, macs=5_000_000, latency_ms=2.0 / speedup,
           speedup=speedup, sqnr_db=decibels, agreement=0.9 + decibels / 1000, samples=64)
    for number, (kb, speedup, decibels) in enumerate(FIGURES, start=1)
)  # fmt: skip


def begun(*known: Judged) -> SearchBegun:
    return SearchBegun(CHOICES, Recipe(seed=7), known)


def measured(judged: Judged, speedup: float) -> Judged:
    return Judged(
        judged.number, judged.genes, bytes=judged.bytes, macs=judged.macs, latency_ms=2.0 / speedup, speedup=speedup,
        sqnr_db=judged.sqnr_db + 1, agreement=0.95, measured=True, speedup_low=speedup - 0.1,
        speedup_high=speedup + 0.1, samples=100,
    )  # fmt: skip
