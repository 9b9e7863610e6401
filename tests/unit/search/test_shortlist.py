"""Before candidates are carried out whole, the drafts of those that may be the best are timed."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from desktop_app.core.budget import BudgetLimits, preference
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.search import finalists
from desktop_app.search import shortlist as drafts
from desktop_app.search.finalists import MOST_ALIKE, Finals
from desktop_app.search.judging import Judge
from desktop_app.search.shortlist import MOST, shortlist, timed
from tests.unit.search.tiny import BUDGET, judge_of

TIMED = replace(BUDGET, limits=BudgetLimits(speedup=2.0), finalists=1)


def candidate(number: int, speedup: float, noise_db: float) -> Judged:
    return Judged(number, (number,), 1000, 1000, 10.0 / speedup, speedup, noise_db)


def order(judged: Judged) -> tuple[float, float]:
    return preference(TIMED.limits, judged)


def test_the_best_under_every_share_of_the_predicted_savings_is_there() -> None:
    judged = [candidate(number, 1.3 + 0.1 * number, 40.0 - number) for number in range(30)]
    found = shortlist(judged, order)
    assert len(found) <= MOST
    keeps = [next(one for one in judged if 1 - 1 / one.speedup >= 0.5 / share) for share in (1.1, 1.0, 0.9, 0.8)]
    assert {one.number for one in keeps} <= {one.number for one in found}
    assert found[0].number == keeps[1].number


def walked(judge: Judge) -> list[Judged]:
    """Candidates of a real space: each takes one more choice at its last value."""
    ends = [len(one.values) - 1 for one in judge.space.choices]
    genes = [tuple(end if place < count else 0 for place, end in enumerate(ends)) for count in (2, 4, len(ends))]
    return [judge.judge(number, one, SilentToken())[0] for number, one in enumerate(genes)]


def turns(monkeypatch: pytest.MonkeyPatch, judge: Judge, shares: Sequence[float]) -> list[int]:
    """Drafts of `walked` take these shares of the original's time; gives how many models ran in turns."""
    ran: list[int] = []
    sizes = [len(judge.make(one.genes, SilentToken()).to_bytes()) for one in walked(judge)]

    def take_turns(models: Sequence[Model], **_: object) -> list[float]:
        ran.append(len(models))
        return [8.0, *(8.0 * shares[sizes.index(len(one.to_bytes()))] for one in models[1:])]

    monkeypatch.setattr(drafts, "take_turns", take_turns)
    return ran


def test_the_middle_error_corrects_all_and_each_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_of(TIMED)
    judged = walked(judge)
    predicted = [one.latency_ms / judge.profile.total_ms for one in judged]
    turns(monkeypatch, judge, [error * share for error, share in zip((1.1, 1.2, 1.5), predicted, strict=True)])
    off = timed(judge, judged, SilentToken())
    assert judge.correction == pytest.approx(1.2)
    assert off == pytest.approx({0: 1.1 / 1.2, 1: 1.0, 2: 1.25})
    assert judge.latency_of(judged[1].genes) == pytest.approx(1.2 * judged[1].latency_ms)


def test_drafts_that_take_long_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_of(TIMED)
    ran = turns(monkeypatch, judge, [0.5, 0.5, 0.5])
    monkeypatch.setattr(drafts, "MAKING", 0.0)
    assert len(timed(judge, walked(judge), SilentToken())) == 1
    assert ran == [2]


def carried_out(judge: Judge, judged: Sequence[Judged], limits: BudgetLimits) -> list[Recipe]:
    """What is carried out, in order; all of it fails."""
    recipes: list[Recipe] = []

    def carry_out(recipe: Recipe, token: object) -> object:
        recipes.append(recipe)
        raise StudioError("no")

    finals = Finals(judge, replace(TIMED, limits=limits), carry_out, lambda: None)
    with pytest.raises(StudioError, match="could not be carried out"):
        finals.measure(judged, SilentToken())
    return recipes


def test_the_one_that_is_really_fast_is_carried_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_of(TIMED)
    judged = walked(judge)
    ran = turns(monkeypatch, judge, [0.9, 0.4, 0.9])
    monkeypatch.setattr(drafts, "OF_EACH", 3)
    recipes = carried_out(judge, judged, BudgetLimits(speedup=2.0))
    assert ran == [4]
    assert recipes[0] == judge.space.recipe(judged[1].genes, judge.base)


def test_nothing_is_timed_where_time_is_not_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_of(TIMED)
    ran = turns(monkeypatch, judge, [])
    assert carried_out(judge, walked(judge), BudgetLimits(bytes=1000))
    assert not ran


def test_one_cause_that_fails_all_ends_it_soon() -> None:
    judge = judge_of(TIMED)
    judged = [replace(walked(judge)[0], number=number) for number in range(8)]
    assert len(carried_out(judge, judged, BudgetLimits(bytes=1000))) == MOST_ALIKE


def test_limits_in_milliseconds_are_by_the_clock_of_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model takes twice what it took when it was profiled, and so does every candidate."""
    judge = judge_of(TIMED)
    total, judged = judge.profile.total_ms, walked(judge)
    carried: list[Recipe] = []
    monkeypatch.setattr(
        finalists, "measured", lambda one, _: replace(one, measured=True, latency_ms=2.0 * one.latency_ms)
    )
    waiting = sorted(judged, key=lambda one: one.latency_ms)
    limit = 0.5 * waiting[2].latency_ms + waiting[1].latency_ms  # all keep it by the old clock, and one by the new
    assert max(waiting[2].latency_ms, 2.0 * waiting[0].latency_ms) < limit < 2.0 * waiting[1].latency_ms
    budget = replace(TIMED, limits=BudgetLimits(latency_ms=limit), finalists=2)
    monkeypatch.setattr(Finals, "_timed", lambda self, waiting, token: waiting)
    finals = Finals(judge, budget, lambda recipe, _: carried.append(recipe), lambda: None)
    noisy = [replace(one, sqnr_db=10.0 * one.latency_ms / total) for one in judged]
    best = finals.measure(noisy, SilentToken())[0]
    assert best.number == waiting[0].number
