"""What was judged corrects what was foretold."""

from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.search.strategies.base import Genes, Outlook
from desktop_app.search.strategies.relearning import BOLDNESS, FURTHEST, LEAST, relearned
from tests.unit.search.apart import apart

CHOICES, VALUES = 6, 5
NOISE = [0.002 * np.arange(VALUES) ** 2.0 for _ in range(CHOICES)]
SAVED = [np.outer(np.ones(3), np.linspace(0.0, 0.8, VALUES)) for _ in range(CHOICES)]
TRUE = np.array([1.0, 4.0, 0.3, 1.0, 8.0, 0.5])
"""By what the noises of each choice differ from those that were foretold."""


def outlook(limit: int | None = None) -> Outlook:
    damages = apart(NOISE, SAVED, np.ones((3, CHOICES)))
    return Outlook(damages, lambda genes: Judged(0, genes, bytes=1000), BudgetLimits(bytes=limit))


def learnt(asked: Outlook, some: Sequence[Judged], seed: int = 0) -> Outlook:
    return relearned(asked, some, np.random.default_rng(seed))


def judged(count: int) -> list[Judged]:
    """Candidates whose noise is the sum of the true ones."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, VALUES, (count, CHOICES))
    drawn[:, 0] = np.maximum(drawn[:, 0], 1)
    return [as_judged(number, tuple(map(int, genes))) for number, genes in enumerate(drawn, 1)]


def as_judged(number: int, genes: Genes) -> Judged:
    return Judged(number, genes, bytes=1100, sqnr_db=-10.0 * np.log10(power(genes, TRUE)))


def power(genes: Sequence[int], factors: np.ndarray) -> float:
    return sum(factor * float(noise[gene]) for factor, noise, gene in zip(factors, NOISE, genes, strict=True))


def test_factors_are_found_by_the_noise_of_whole_candidates() -> None:
    found = learnt(outlook(), judged(60)).damages.noise
    factors = np.array([one[1] / noise[1] for one, noise in zip(found, NOISE, strict=True)])
    assert np.abs(np.log(factors / TRUE)).max() < 0.2 * np.abs(np.log(TRUE)).max()  # held near one where it is quiet
    assert all(one[0] == 0.0 for one in found)


def test_what_is_foretold_of_others_comes_nearer() -> None:
    found, fresh = learnt(outlook(), judged(30)).damages.noise, judged(60)[30:]
    wanted = np.log([one.noise**2 for one in fresh])
    before = np.log([power(one.genes, np.ones(CHOICES)) for one in fresh]) - wanted
    after = np.log([sum(n[g] for n, g in zip(found, one.genes, strict=True)) for one in fresh]) - wanted
    assert np.abs(after).mean() < 0.3 * np.abs(before).mean()


def test_little_teaches_nothing() -> None:
    asked = outlook(limit=900)
    assert learnt(asked, judged(LEAST - 1)) is asked
    drowned = [replace(one, sqnr_db=0.0) for one in judged(40)]
    failed = [replace(one, failed="why") for one in judged(40)]
    assert learnt(asked, [*drowned, *failed]) is asked


def test_of_choices_that_no_candidate_changes_nothing_is_learnt_and_most_is_tried() -> None:
    alone = [as_judged(number, (0, 2, 0, 0, 0, 0)) for number in range(1, 40)]
    found = learnt(outlook(), alone).damages.noise
    assert found[1][2] == pytest.approx(TRUE[1] * NOISE[1][2], rel=0.1)
    drawn = np.log([[learnt(outlook(), alone, seed).damages.noise[place][1] / NOISE[place][1] for place in (0, 1, 2)]
                    for seed in range(200)])  # fmt: skip
    assert np.abs(drawn[:, [0, 2]].mean(axis=0)).max() < 0.1
    assert drawn[:, 1].std() < 0.2 * drawn[:, 0].std() == pytest.approx(0.2 * BOLDNESS, rel=0.2)


def test_factors_stay_within_bounds() -> None:
    silent = [replace(one, sqnr_db=200.0) for one in judged(40)]
    found = learnt(outlook(), silent).damages.noise
    assert all(one[1] >= 0.999 * np.exp(-FURTHEST) * noise[1] for one, noise in zip(found, NOISE, strict=True))


def test_files_larger_than_foretold_ask_for_less() -> None:
    assert learnt(outlook(limit=880), judged(20)).limits.bytes == 800
    assert learnt(outlook(), judged(20)).limits.bytes is None
