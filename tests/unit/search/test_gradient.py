from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.core.sensitivity import Candidate, LayerSensitivity, Sensitivity
from desktop_app.search.damages import Damages, damages_of
from desktop_app.search.strategies.base import Outlook
from desktop_app.search.strategies.evolution import POPULATION
from desktop_app.search.strategies.gradient import Evolved, Gradient
from tests.unit.search.tiny import judge_of, sensitivity_of

TABLE = Damages(
    noise=(np.array([0.0, 1e-4, 1e-2]), np.array([0.0, 1e-3, 1e-1]), np.array([0.0, 0.5])),
    milliseconds=(np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 3.0]), np.array([0.0, 1.0])),
    bytes=(np.array([0.0, 10.0, 20.0]), np.array([0.0, 0.0, 30.0]), np.array([0.0, 50.0])),
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
        assert saved(TABLE.milliseconds, other) > saved(TABLE.milliseconds, one) or saved(TABLE.bytes, other) > saved(
            TABLE.bytes, one
        )


@pytest.mark.parametrize("table", [TABLE.milliseconds, TABLE.bytes])
def test_the_first_start_is_the_gentlest_of_a_sweep_that_is_enough(table: tuple[np.ndarray, ...]) -> None:
    first = Gradient().starts(outlook(table, 3.0), 5)[0]
    assert saved(table, first) >= 3.0
    assert saved(TABLE.noise, first) < 0.5


def test_where_nothing_is_enough_the_strongest_come_first() -> None:
    first = Gradient().starts(outlook(TABLE.bytes, 900.0), 5)[0]
    assert first == (2, 2, 1)


def test_auto_begins_with_a_whole_generation_and_leaves_the_rest_to_evolution() -> None:
    everything = Gradient().starts(UNLIMITED, 100)
    assert list(Evolved().starts(UNLIMITED, 8)) == list(everything)[:POPULATION]
    assert Evolved.draws
    assert not Gradient.draws


def test_what_was_not_tried_costs_as_much_as_everything() -> None:
    judge = judge_of()
    table = damages_of(judge.space, Sensitivity((), {}, 8, True), judge.summary, judge.profile, judge.base)
    for choice, noise in zip(judge.space.choices, table.noise, strict=True):
        assert noise[0] == 0.0
        untried = [one for one, value in zip(noise, choice.values, strict=True) if value not in (choice.values[0], 16)]
        assert all(one == pytest.approx(len(choice.layers)) for one in untried)


def test_layers_that_there_was_no_time_for_are_taken_to_be_as_those_that_were_tried() -> None:
    judge = judge_of()
    whole = sensitivity_of(judge.summary)
    few = Sensitivity(whole.layers[:3], {}, 8, True, refused={whole.layers[-1].layer: "it lies inside a subgraph"})
    table = damages_of(judge.space, few, judge.summary, judge.profile, judge.base)
    middle = damages_of(judge.space, replace(few, layers=(whole.layers[1],)), judge.summary, judge.profile, judge.base)
    names, refused = {row.layer for row in few.layers}, set(few.refused)
    untried = [place for place, one in enumerate(judge.space.choices) if not names & set(one.layers)]
    known = [place for place in untried if not refused & set(judge.space.choices[place].layers)]
    assert known
    for place in known:
        np.testing.assert_allclose(table.noise[place], middle.noise[place])
    for place in set(untried) - set(known):
        assert table.noise[place][-1] == pytest.approx(len(judge.space.choices[place].layers))


def test_noise_rises_with_what_is_taken_away() -> None:
    judge = judge_of()
    table = damages_of(judge.space, sensitivity_of(judge.summary), judge.summary, judge.profile, judge.base)
    for choice, noise, size in zip(judge.space.choices, table.noise, table.bytes, strict=True):
        assert size[0] == 0.0
        assert (np.diff(noise) > 0).all(), choice


def test_a_refused_change_is_taken_last() -> None:
    judge = judge_of()
    rows = tuple(LayerSensitivity(one.name, None, {"int8": Candidate(reason="no")}) for one in judge.summary.layers)
    table = damages_of(judge.space, Sensitivity(rows, {}, 8, True), judge.summary, judge.profile, judge.base)
    bits = [noise for choice, noise in zip(judge.space.choices, table.noise, strict=True) if choice.knob == "bits"]
    assert bits
    assert all(noise[-1] == 1.0 for noise in bits)


def test_what_a_search_was_told_is_kept_as_text() -> None:
    again = Damages.from_json(TABLE.to_json())
    assert again.to_json() == TABLE.to_json()
    np.testing.assert_array_equal(again.noise[1], TABLE.noise[1])
