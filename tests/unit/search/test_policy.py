"""The policy of reinforcement learning, on made-up layers of which some are not what their sensitivities say."""

import numpy as np
import pytest

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.search.strategies.base import Genes, Outlook
from desktop_app.search.strategies.policy import Policy
from desktop_app.search.strategies.reinforcement import Reinforcement
from tests.unit.search.apart import apart

CHOICES = 12
COSTS = np.array([12.0, 1200.0])
STRENGTHS = np.array([0.0, 0.25, 0.5, 0.75])
DAMAGES = apart(
    noise=[np.array([0.0, 1e-3, 4e-3, 2e-2])] * CHOICES,
    saved=[np.stack([STRENGTHS, 100.0 * STRENGTHS, 0.0 * STRENGTHS])] * CHOICES,
    whole=np.tile([[1.0], [100.0], [1.0]], CHOICES),
)
FRAGILE = (0, 3, 7)
"""Choices that cost ten times as much as was said."""


def saved(genes: Genes) -> np.ndarray:
    each = sum(STRENGTHS[gene] for gene in genes) / CHOICES
    return np.array([each, each])


def judged(number: int, genes: Genes) -> Judged:
    power = sum(
        float(DAMAGES.noise[place][gene]) * (10.0 if place in FRAGILE else 1.0) for place, gene in enumerate(genes)
    )
    left = 1.0 - saved(genes)
    return Judged(
        number,
        genes,
        bytes=round(COSTS[1] * left[1]),
        latency_ms=COSTS[0] * left[0],
        speedup=1.0 / left[0],
        sqnr_db=-10.0 * float(np.log10(max(power, 1e-6))),
    )


OUTLOOK = Outlook(DAMAGES, lambda genes: judged(0, genes), BudgetLimits(bytes=700, speedup=1.5))


def walks(policy: Policy, aim: float, count: int = 60) -> list[Genes]:
    generator = np.random.default_rng(1)
    return [policy.walk(np.array([aim, aim]), generator) for _ in range(count)]


@pytest.mark.parametrize("aim", [0.1, 0.3, 0.5, 0.7])
def test_walks_save_what_they_aim_at(aim: float) -> None:
    found = [saved(genes)[0] for genes in walks(Policy(DAMAGES, COSTS), aim)]
    assert np.mean(found) == pytest.approx(aim, abs=0.02)
    assert np.std(found) < 0.05


def test_what_cannot_be_saved_is_come_near_to() -> None:
    assert walks(Policy(DAMAGES, COSTS), 2.0, 1) == [(3,) * CHOICES]
    assert walks(Policy(DAMAGES, COSTS), -1.0, 1) == [(0,) * CHOICES]


def test_it_learns_what_the_sensitivities_did_not_say() -> None:
    strategy, known, seen = Reinforcement(), [judged(0, (0,) * CHOICES)], set[Genes]()
    for seed in range(200):
        genes = strategy.draw(OUTLOOK, known, seed)
        if genes not in seen:
            seen.add(genes)
            known.append(judged(len(known), genes))
    before, after = (
        np.mean([judged(0, genes).sqnr_db for genes in walks(one, 0.4)])  # about what the limits ask for
        for one in (Policy(DAMAGES, COSTS), strategy.after(OUTLOOK, known))
    )
    assert after > before + 0.1
    assert max(one.sqnr_db for one in known if OUTLOOK.enough(one.genes)) > 11.0
    first, last = (
        np.mean(
            [judged(0, genes).sqnr_db for seed in range(40) if OUTLOOK.enough(genes := one.draw(OUTLOOK, of, seed))]
        )
        for one, of in ((Reinforcement(), known[:1]), (strategy, known))
    )
    assert last > first + 0.5


def test_a_policy_is_what_was_judged_makes_of_it() -> None:
    strategy, known = Reinforcement(), [judged(0, (0,) * CHOICES)]
    for number in range(1, 30):
        known.append(judged(number, strategy.draw(OUTLOOK, known, number)))
    assert Reinforcement().draw(OUTLOOK, known, 99) == strategy.draw(OUTLOOK, known, 99)
    assert strategy.draw(OUTLOOK, known, 99) != strategy.draw(OUTLOOK, known, 98)
    assert strategy.draw(OUTLOOK, known[:20], 99) == Reinforcement().draw(OUTLOOK, known[:20], 99)


def test_some_walks_keep_the_limits() -> None:
    drawn = [Reinforcement().draw(OUTLOOK, [judged(0, (0,) * CHOICES)], seed) for seed in range(40)]
    assert sum(OUTLOOK.enough(genes) for genes in drawn) >= 12
    assert len(set(drawn)) > 12


def test_what_is_not_limited_is_saved_as_it_comes() -> None:
    outlook = Outlook(DAMAGES, OUTLOOK.foretell, BudgetLimits(bytes=600))
    drawn = [Reinforcement().draw(outlook, [judged(0, (0,) * CHOICES)], seed) for seed in range(60)]
    ends = [genes for genes in drawn if 560 <= judged(0, genes).bytes <= 600]
    assert len(ends) > 20
    foretold = [sum(DAMAGES.noise[place][gene] for place, gene in enumerate(genes)) for genes in ends]
    assert np.median(foretold) < 2.0 * sum(one[2] for one in DAMAGES.noise)


def test_what_is_imitated_is_likelier_and_so_is_what_is_near_to_it() -> None:
    good = (1,) * (CHOICES // 2) + (3,) * (CHOICES // 2)

    def off(policy: Policy) -> float:
        return float(np.mean([np.abs(np.array(genes) - good).sum() for genes in walks(policy, 0.5)]))

    policy = Policy(DAMAGES, COSTS)
    assert off(policy.imitating(good)) < 0.7 * off(policy)
    assert off(policy.imitating(good[::-1])) > off(policy)
