from pathlib import Path

import pytest

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.io.budgets import parse_budget, read_budget

WHOLE = """
version: 1
limits: {bytes: 2000000, macs: 1000, latency_ms: 3.5, speedup: 2.0, peak_memory: 4000, max_drop: 0, min_agreement: 0.9}
free: [prune, rank, bits, structure]
time: 60
trials: null
strategy: evolution
finalists: 2
recover: 10
seed: 7
data: {calibration: 100}
"""


def test_every_key_is_read() -> None:
    budget = parse_budget(WHOLE)
    assert budget.limits == BudgetLimits(2_000_000, 1000, 3.5, 2.0, 4000, 0.0, 0.9)
    assert budget.free == ("prune", "rank", "bits", "structure")
    assert (budget.time, budget.trials, budget.strategy, budget.finalists) == (60.0, None, "evolution", 2)
    assert (budget.recover, budget.seed, budget.data.calibration) == (10, 7, 100)


def test_keys_that_are_left_out_take_their_defaults() -> None:
    assert parse_budget("limits: {speedup: 2}") == Budget(limits=BudgetLimits(speedup=2.0))


def test_a_named_strategy_goes_first() -> None:
    assert parse_budget(WHOLE, "random").strategy == "random"
    with pytest.raises(InvalidRecipeError, match=r"strategy must be auto or .* and not 'magic'"):
        parse_budget(WHOLE, "magic")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limits: {bites: 5}", r"limits\.bites is no key"),
        ("limits: {bytes: many}", r"limits\.bytes must be a whole number, and not 'many'"),
        ("limits: {bytes: 1e6}", r"limits\.bytes must be a whole number, and not '1e6'"),
        ("limits: {bytes: 0.5}", r"limits\.bytes must be a whole number, and not 0\.5"),
        ("limits: 5", "limits must be keys and values, and not 5"),
        ("free: [[]]", r"free\[0\] must be a text, and not a list"),
        ("limits: {}", "limits must be at least one of bytes"),
        ("limits: {bytes: 0}", r"limits\.bytes must be a number above 0"),
        ("limits: {speedup: .nan}", r"limits\.speedup must be a number above 0"),
        ("limits: {min_agreement: 90}", "a share between 0 and 1"),
        ("limits: {max_drop: 101}", "between 0 and 100"),
        ("{limits: {bytes: 5}, free: []}", "free must be a list of settings"),
        ("{limits: {bytes: 5}, free: [bits, bits]}", "free must be a list without repetition"),
        ("{limits: {bytes: 5}, free: [quality]}", r"free\[0\] must be structure or prune or rank or bits"),
        ("{limits: {bytes: 5}, trials: null}", "a search must end"),
        ("{limits: {bytes: 5}, trials: 0}", "trials must be between 1 and"),
        ("{limits: {bytes: 5}, time: -1}", "time must be seconds above 0"),
        ("{limits: {bytes: 5}, finalists: 0}", "finalists must be between"),
        ("{limits: {bytes: 5}, recover: -1}", "recover must be 0 or more"),
        ("{limits: {bytes: 5}, seed: -1}", "seed must be a whole number"),
        ("{limits: {bytes: 5}, version: 2}", "version must be 1"),
        ("{limits: {bytes: 5}, data: {calibration: 0}}", r"data\.calibration must be"),
        ("[]", "A budget is a list of keys and values"),
        ("limits: {bytes: 5, bytes: 6}", "bytes stands twice"),
    ],
)
def test_what_is_wrong_is_told_by_its_key(text: str, said: str) -> None:
    with pytest.raises(InvalidRecipeError, match=said):
        parse_budget(text)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipeError, match=r"choose a budget file \(\.yaml\)"):
        read_budget(tmp_path / "none.yaml")
