from itertools import pairwise

import numpy as np
import pytest

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.search.damages import Damages
from desktop_app.search.layer_costs import LayerCosts
from desktop_app.search.strategies.base import Outlook
from desktop_app.search.strategies.evolution import POPULATION
from desktop_app.search.strategies.gradient import Evolved, Gradient
from tests.unit.search.apart import apart

MILLISECONDS = (np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 3.0]), np.array([0.0, 1.0]))
BYTES = (np.array([0.0, 10.0, 20.0]), np.array([0.0, 0.0, 30.0]), np.array([0.0, 50.0]))
TABLE = apart(
    noise=(np.array([0.0, 1e-4, 1e-2]), np.array([0.0, 1e-3, 1e-1]), np.array([0.0, 0.5])),
    saved=[np.stack([time, size, 0 * size]) for time, size in zip(MILLISECONDS, BYTES, strict=True)],
    whole=np.array([[3.0, 4.0, 2.0], [40.0, 40.0, 60.0], [1.0, 1.0, 1.0]]),
)


UNLIMITED = Outlook(TABLE, lambda genes: Judged(0, genes), BudgetLimits())


def outlook(table: tuple[np.ndarray, ...], least: float) -> Outlook:
    """Whose only limit asks that so much of a table is saved in sum."""
    return Outlook(
        TABLE,
        lambda genes: Judged(0, genes, bytes=round(1000 - saved(table, genes))),
        BudgetLimits(bytes=round(1000 - least)),
    )


def saved(table: tuple[np.ndarray, ...], genes: tuple[int, ...]) -> float:
    return sum(float(one[gene]) for one, gene in zip(table, genes, strict=True))


def test_a_sweep_loses_more_only_where_it_saves_more() -> None:
    starts = sorted(Gradient().starts(UNLIMITED, 100), key=lambda genes: saved(TABLE.noise, genes))
    assert len(starts) > 3
    assert len(set(starts)) == len(starts)
    for one, other in pairwise(starts):
        assert saved(MILLISECONDS, other) > saved(MILLISECONDS, one) or saved(BYTES, other) > saved(BYTES, one)


@pytest.mark.parametrize("table", [MILLISECONDS, BYTES])
def test_the_first_start_is_the_gentlest_of_a_sweep_that_is_enough(table: tuple[np.ndarray, ...]) -> None:
    first = Gradient().starts(outlook(table, 3.0), 5)[0]
    assert saved(table, first) >= 3.0
    assert saved(TABLE.noise, first) < 0.5


def test_where_nothing_is_enough_the_strongest_come_first() -> None:
    first = Gradient().starts(outlook(BYTES, 900.0), 5)[0]
    assert first == (2, 2, 1)


def test_auto_begins_with_a_whole_generation() -> None:
    everything = Gradient().starts(UNLIMITED, 100)
    assert list(Evolved().starts(UNLIMITED, 8)) == list(everything)[:POPULATION]
    assert Evolved.draws
    assert not Gradient.draws


def test_only_what_is_limited_has_a_price() -> None:
    shares = np.array([0.0, 0.5, 0.9])
    saving = [np.array([row * shares if axis == place else 0.0 * shares for axis, row in enumerate(np.ones(3))])
              for place in range(3)]  # fmt: skip
    damages = apart([np.array([0.0, 1e-3, 1e-2])] * 3, saving, np.ones((3, 3)))
    limits = BudgetLimits(macs=1)
    beyond = Outlook(damages, lambda genes: Judged(0, genes, macs=9), limits)
    assert {genes[:2] for genes in Gradient().starts(beyond, 50)} == {(0, 0)}


def test_what_saves_nothing_beside_another_is_left() -> None:
    """Both halve the one layer; together they are no better than one of them."""

    def ask(genes: tuple[int, ...]) -> np.ndarray:
        return np.full((3, 1), 0.5 if any(genes) else 1.0)

    damages = Damages((np.array([0.0, 1e-3]), np.array([0.0, 2e-3])), LayerCosts.of((2, 2), ask))
    found = Gradient().starts(Outlook(damages, lambda genes: Judged(0, genes), BudgetLimits()), 50)
    assert list(found) == [(1, 0)]


def judged_at(genes: tuple[int, ...]) -> Judged:
    noise = max(saved(TABLE.noise, genes), 1e-6)
    return Judged(sum(genes), genes, bytes=round(1000 - saved(BYTES, genes)), sqnr_db=float(-10.0 * np.log10(noise)))


def test_auto_goes_on_in_turns_by_evolution_and_by_gradients_from_what_was_judged() -> None:
    known = [judged_at(genes) for genes in Evolved().starts(outlook(BYTES, 30.0), 8)]
    drawn = [Evolved().draw(outlook(BYTES, 30.0), known, seed) for seed in range(60)]
    assert drawn == [Evolved().draw(outlook(BYTES, 30.0), known, seed) for seed in range(60)]
    left = drawn.count(None)
    assert left >= 15  # evolution's turn, or the sweep has nothing new
    assert not {one for one in drawn if one is not None} & {one.genes for one in known}


def test_auto_draws_what_is_within_the_limits_first() -> None:
    asked = outlook(BYTES, 30.0)
    drawn = [Evolved().draw(asked, [judged_at((0, 0, 0))], seed) for seed in range(60)]
    made = [one for one in drawn if one is not None]
    assert made
    assert sum(asked.enough(one) for one in made) > len(made) / 2


def test_gradients_alone_draw_nothing() -> None:
    assert Gradient().draw(UNLIMITED, [judged_at((1, 0, 0))], 0) is None
