import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.core.budget import BudgetLimits, StrategyName, misses, preference
from desktop_app.core.errors import Cancelled, InvalidRecipeError, StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import SilentToken, Token
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.search.claims import MOST_DEATHS
from desktop_app.search.finding import DEADLY
from desktop_app.search.outlooks import NOISES
from desktop_app.search.strategies.base import Genes
from tests.unit.search.tiny import (
    BUDGET,
    DEAD,
    Looker,
    StopsAfter,
    claimed,
    judge_of,
    search_in,
    sensitivity_of,
    study_of,
)


@pytest.mark.parametrize("strategy", ["auto", "gradient", "reinforcement", "evolution", "bayesian", "random"])
def test_every_strategy_judges_each_candidate_once_and_the_original_first(
    tmp_path: Path, strategy: StrategyName
) -> None:
    budget = replace(BUDGET, strategy=strategy, trials=5)
    judged = search_in(tmp_path, budget).find(SilentToken())
    assert [one.number for one in judged] == list(range(len(judged)))
    assert len({one.genes for one in judged}) == len(judged)
    assert 1 < len(judged) <= 5
    original = judged[0]
    assert not any(original.genes)
    assert (original.agreement, original.failed) == (1.0, "")
    assert original.sqnr_db > 100.0
    assert not any(one.failed for one in judged)


def test_the_best_so_far_is_told_with_a_model_that_runs(tmp_path: Path) -> None:
    looker = Looker()
    judged = search_in(tmp_path, looker=looker).find(SilentToken())
    orders = [preference(BUDGET.limits, one) for one, _ in looker.best]
    assert orders == sorted(orders, reverse=True)
    assert orders[-1] == min(preference(BUDGET.limits, one) for one in judged)
    assert not misses(BUDGET.limits, looker.best[-1][0])
    for one, model in looker.best:
        open_session(model)
        assert len(model.to_bytes()) == one.bytes


@pytest.mark.parametrize("strategy", ["auto", "reinforcement", "bayesian"])
def test_a_search_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path: Path, strategy: StrategyName) -> None:
    budget = replace(BUDGET, strategy=strategy)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    expected = search_in(whole, budget).find(SilentToken())
    for candidates in (1, 2):
        search = search_in(cut, budget)
        with pytest.raises(Cancelled):
            search.find(StopsAfter(candidates))
    follower = expected[3].genes
    assert claimed(study_of(cut, search.judge.space, budget, who=DEAD), follower) is not None  # never told
    found = search_in(cut, budget).find(SilentToken())
    assert [one.genes for one in found] == [one.genes for one in expected]


def test_a_search_that_is_over_judges_nothing_again(tmp_path: Path) -> None:
    first, looker = search_in(tmp_path).find(SilentToken()), Looker()
    again = search_in(tmp_path, looker=looker)
    again.judge.judge = None  # type: ignore[method-assign,assignment]  # whoever calls it fails
    assert again.find(SilentToken()) == first
    assert len(looker.best) == 1


@pytest.mark.parametrize("strategy", ["auto", "gradient"])
def test_a_search_may_be_made_longer(tmp_path: Path, strategy: StrategyName) -> None:
    budget = replace(BUDGET, strategy=strategy)
    first = search_in(tmp_path, replace(budget, trials=3)).find(SilentToken())
    longer = search_in(tmp_path, replace(budget, trials=6)).find(SilentToken())
    assert longer[:3] == first
    assert len(longer) == 6


def test_layers_that_were_not_tried_for_want_of_time_are_tried_once_the_search_goes_on(tmp_path: Path) -> None:
    whole = sensitivity_of(judge_of().summary)
    partial = replace(whole, layers=whole.layers[:1])

    def noises_with(told: list[Sensitivity], trials: int) -> str | None:
        search = search_in(tmp_path, replace(BUDGET, trials=trials, time=3600.0))
        search.sensitivity = told.pop
        search.find(SilentToken())
        return search.study.noted(NOISES)

    first = noises_with([partial], 2)
    second = noises_with([whole], 3)
    assert first != second
    assert noises_with([], 4) == second


def test_time_ends_a_search_once_a_candidate_is_judged(tmp_path: Path) -> None:
    search = search_in(tmp_path, replace(BUDGET, trials=None, time=1e-9))
    assert [any(one.genes) for one in search.find(SilentToken())] == [False, True]


@pytest.mark.parametrize(
    ("error", "words"),
    [(MemoryError(), "more memory"), (ValueError("no shape"), "unexpected .*: ValueError: no shape")],
)
def test_a_candidate_that_cannot_be_judged_is_told_as_failed(tmp_path: Path, error: Exception, words: str) -> None:
    search = search_in(tmp_path)
    judge = search.judge.judge

    def fails_once(number: int, genes: Genes, token: Token) -> tuple[Judged, Model | None]:
        if number == 2:
            raise error
        return judge(number, genes, token)

    search.judge.judge = fails_once  # type: ignore[method-assign]
    judged = search.find(SilentToken())
    assert len(judged) == BUDGET.trials
    assert [one.number for one in judged if one.failed] == [2]
    assert re.search(words, judged[2].failed)


def test_a_model_that_cannot_be_judged_as_it_is_ends_the_search_and_is_tried_again(tmp_path: Path) -> None:
    search = search_in(tmp_path)
    search.judge.judge = None  # type: ignore[method-assign,assignment]  # whoever calls it fails
    with pytest.raises(TypeError):
        search.find(SilentToken())
    assert not search_in(tmp_path).find(SilentToken())[0].failed


def test_a_candidate_that_several_processes_died_of_is_given_up(tmp_path: Path) -> None:
    deadly = search_in(tmp_path, replace(BUDGET, trials=1))
    deadly.find(SilentToken())
    study, genes = study_of(tmp_path, deadly.judge.space, BUDGET, who=DEAD), (1, *deadly.judge.original[1:])
    for _ in range(MOST_DEATHS):
        assert claimed(study, genes) is not None
        deadly.study.standing()
    judged = search_in(tmp_path).find(SilentToken())
    assert (judged[1].genes, judged[1].failed) == (genes, DEADLY)
    assert not any(one.failed for one in judged[2:])


def test_a_limit_that_the_data_do_not_tell_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipeError, match=r"limits\.max_drop needs labels"):
        search_in(tmp_path, replace(BUDGET, limits=BudgetLimits(max_drop=1.0))).find(SilentToken())


def test_nothing_to_choose_is_told(tmp_path: Path) -> None:
    search = search_in(tmp_path)
    search.judge.space = replace(search.judge.space, choices=())
    with pytest.raises(StudioError, match="nothing to choose"):
        search.find(SilentToken())
