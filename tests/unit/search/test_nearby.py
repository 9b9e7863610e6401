"""Candidates near to the best so far, on made-up layers."""

from collections import Counter

import numpy as np
from msgspec.structs import replace

from desktop_app.core.budget import BudgetLimits
from desktop_app.search.strategies.base import Outlook
from desktop_app.search.strategies.nearby import GOOD, nearby, one_of_the_best
from tests.unit.search.test_policy import CHOICES, DAMAGES, OUTLOOK, judged

NONE = (0,) * CHOICES


def test_the_best_have_least_noise_and_keep_the_limits_and_the_very_best_comes_most_often() -> None:
    rng = np.random.default_rng(0)
    known = [judged(number, tuple(map(int, rng.integers(0, 4, CHOICES)))) for number in range(1, 60)]
    found = Counter(one_of_the_best(OUTLOOK, known, np.random.default_rng(seed)) for seed in range(200))
    keeping = sorted((one for one in known if OUTLOOK.enough(one.genes)), key=lambda one: one.noise)
    assert len(keeping) > GOOD
    assert set(found) == {one.genes for one in keeping[:GOOD]}
    assert found.most_common(1)[0][0] == keeping[0].genes


def test_neighbours_keep_the_limits_and_are_near() -> None:
    best = (2,) * CHOICES
    found = [nearby(best, OUTLOOK, np.random.default_rng(seed)) for seed in range(40)]
    assert all(OUTLOOK.enough(genes) for genes in found)
    assert np.mean([np.count_nonzero(np.array(genes) != best) for genes in found]) < CHOICES / 2
    assert len(set(found)) > 10


def test_none_is_the_best_while_nothing_but_the_model_as_it_is_keeps_the_limits() -> None:
    rng = np.random.default_rng(0)
    assert one_of_the_best(OUTLOOK, [judged(0, NONE), judged(1, (1,) * CHOICES)], rng) is None
    outlook = Outlook(DAMAGES, OUTLOOK.foretell, BudgetLimits(bytes=2000))
    assert one_of_the_best(outlook, [judged(0, NONE)], rng) is None


def test_what_keeps_the_limits_by_prediction_and_not_in_truth_is_not_the_best() -> None:
    late = replace(judged(1, (2,) * CHOICES), latency_ms=100.0, speedup=0.1)
    assert one_of_the_best(OUTLOOK, [late], np.random.default_rng(0)) is None
