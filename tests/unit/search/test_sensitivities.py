from collections.abc import Collection

import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.core.predict import predict
from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity, Sensitivity
from desktop_app.core.settings import Knob
from desktop_app.search.layer_costs import changed
from desktop_app.search.sensitivities import changes_weighed, layer_costs, noises_of
from tests.unit.search.tiny import BUDGET, judge_of, sensitivity_of


def test_what_was_not_tried_costs_as_much_as_everything() -> None:
    judge = judge_of()
    table = noises_of(judge.space, Sensitivity((), {}, 8, True), judge.base)
    for choice, noise in zip(judge.space.choices, table, strict=True):
        assert noise[0] == 0.0
        untried = [one for one, value in zip(noise, choice.values, strict=True) if value not in (choice.values[0], 16)]
        assert all(one == pytest.approx(len(choice.layers)) for one in untried)


def test_layers_that_there_was_no_time_for_are_taken_to_be_as_those_that_were_tried() -> None:
    judge = judge_of()
    whole = sensitivity_of(judge.summary)
    few = Sensitivity(whole.layers[:3], {}, 8, True, refused={whole.layers[-1].layer: "it lies inside a subgraph"})
    table = noises_of(judge.space, few, judge.base)
    middle = noises_of(judge.space, replace(few, layers=(whole.layers[1],)), judge.base)
    names, refused = {row.layer for row in few.layers}, set(few.refused)
    untried = [place for place, one in enumerate(judge.space.choices) if not names & set(one.layers)]
    known = [place for place in untried if not refused & set(judge.space.choices[place].layers)]
    assert known
    for place in known:
        np.testing.assert_allclose(table[place], middle[place])
    for place in set(untried) - set(known):
        assert table[place][-1] == pytest.approx(len(judge.space.choices[place].layers))


def test_noise_rises_with_what_is_taken_away() -> None:
    judge = judge_of()
    table = noises_of(judge.space, sensitivity_of(judge.summary), judge.base)
    for choice, noise in zip(judge.space.choices, table, strict=True):
        assert (np.diff(noise) > 0).all(), choice


@pytest.mark.parametrize("knob", ["prune", "rank", "bits", "structure"])
@pytest.mark.parametrize("activations", [True, False])
def test_changes_of_knobs_that_stay_are_not_weighed(knob: Knob, activations: bool) -> None:
    judge = judge_of(replace(BUDGET, free=(knob,)))
    quantize = replace(judge.base.methods.quantize, activations=activations, four_bits="integer")
    base = replace(judge.base, methods=replace(judge.base.methods, quantize=quantize))
    weighed = changes_weighed(judge.space, base)
    assert 0 < len(weighed) < len(CHANGES)
    decibels = {one.title: 60.0 - place**1.5 for place, one in enumerate(CHANGES)}

    def rows(titles: Collection[str]) -> Sensitivity:
        tried = {title: Candidate(0.0, one) for title, one in decibels.items() if title in titles}
        return Sensitivity(tuple(LayerSensitivity(one.name, 1.0, tried) for one in judge.summary.layers), {}, 8, True)

    some = noises_of(judge.space, rows(weighed), base)
    for one, other in zip(some, noises_of(judge.space, rows(decibels), base), strict=True):
        np.testing.assert_array_equal(one, other)
    for title in (
        () if knob == "structure" else weighed
    ):  # none is tried in vain; a structure reads what was not refused
        fewer = noises_of(judge.space, rows(weighed - {title}), base)
        assert any((one != other).any() for one, other in zip(some, fewer, strict=True)), title


def test_a_refused_change_is_taken_last() -> None:
    judge = judge_of()
    rows = tuple(LayerSensitivity(one.name, None, {"int8": Candidate(reason="no")}) for one in judge.summary.layers)
    table = noises_of(judge.space, Sensitivity(rows, {}, 8, True), judge.base)
    bits = [noise for choice, noise in zip(judge.space.choices, table, strict=True) if choice.knob == "bits"]
    assert bits
    assert all(noise[-1] == 1.0 for noise in bits)


def test_layers_cost_together_what_is_predicted_of_them() -> None:
    judge, generator = judge_of(), np.random.default_rng(0)
    costs = layer_costs(judge.space, judge.summary, judge.profile, judge.base)
    for _ in range(30):
        genes = tuple(int(generator.integers(size)) for size in costs.sizes)
        place = int(generator.integers(len(genes)))
        one, other = (
            predict(judge.summary, judge.space.recipe(changed(genes, place, gene), judge.base), judge.profile)
            for gene in (0, costs.sizes[place] - 1)
        )
        at = costs.at(place, genes)
        np.testing.assert_allclose(
            at[:, 0] - at[:, -1],
            [one.latency_ms - other.latency_ms, one.cost.bytes - other.cost.bytes, one.cost.macs - other.cost.macs],
            atol=1e-6,
        )
