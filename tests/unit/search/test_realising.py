"""Predictions follow what a whole model really saves, for whoever judges in this search."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.search import realising
from desktop_app.search.realising import BOUNDS, realised
from tests.unit.search.tiny import BUDGET, judge_of, search_in

TIMED = replace(BUDGET, limits=BudgetLimits(speedup=1.25), trials=4)


def saving(monkeypatch: pytest.MonkeyPatch, share: float) -> list[int]:
    """Every candidate saves this share of the time; gives how many were timed."""
    timed: list[int] = []

    def turns(models: list[object], **_: object) -> list[float]:
        timed.append(len(models))
        return [10.0, 10.0 * (1.0 - share)]

    monkeypatch.setattr(realising, "take_turns", turns)
    return timed


def test_what_is_realised_of_a_saving_is_measured_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_of(TIMED)
    strongest = tuple(len(one.values) - 1 for one in judge.space.choices)
    recipe = judge.space.recipe(strongest, judge.base)
    predicted = 1.0 - (predict(judge.summary, recipe, judge.profile).latency_ms or 0.0) / judge.profile.total_ms
    saving(monkeypatch, 0.5 * predicted)
    assert realised(judge, strongest, SilentToken()) == pytest.approx(0.5)
    saving(monkeypatch, -1.0)
    assert realised(judge, strongest, SilentToken()) == BOUNDS[0]
    judge.profile = replace(judge.profile, realised=0.5)
    latency = judge.latency_of(strongest)
    assert 1.0 - latency / judge.profile.total_ms == pytest.approx(0.5 * predicted)
    assert realised(judge, judge.original, SilentToken()) is None


def test_starts_are_found_anew_and_a_search_that_goes_on_predicts_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = saving(monkeypatch, 0.15)
    first = search_in(tmp_path, TIMED)
    judged = first.find(SilentToken())
    assert timed == [2, 2]
    assert first.judge.profile.realised < 1.0
    again = search_in(tmp_path, replace(TIMED, trials=5))
    more = again.find(SilentToken())
    assert timed == [2, 2]
    assert again.judge.profile.realised == first.judge.profile.realised
    assert [one.genes for one in more[: len(judged)]] == [one.genes for one in judged]
    assert judged[1].speedup >= 1.25


def test_nothing_is_timed_where_time_is_not_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timed = saving(monkeypatch, 0.15)
    search = search_in(tmp_path)
    search.find(SilentToken())
    assert not timed
    assert search.judge.profile.realised == 1.0
