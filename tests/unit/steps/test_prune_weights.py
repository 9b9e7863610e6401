import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from desktop_app.core.errors import InvalidRecipeError, NothingChangedError
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.steps.prune_weights import PruneWeights
from desktop_app.steps.weight_pruning.selection import all_but, smallest
from tests.unit.steps.layer_nets import apply, model_of, one_layer

RNG = np.random.default_rng(0)


def asked(ratio, unit="weights", scope="layer", **layers) -> Recipe:
    return Recipe(
        defaults=LayerSettings(prune=ratio), layers=layers, methods=Methods(prune=PruneMethod(unit=unit, scope=scope))
    )


def two_layers():
    first = helper.make_node("MatMul", ["x", "a"], ["h"], name="first")
    second = helper.make_node("MatMul", ["h", "b"], ["y"], name="second")
    weights = {name: RNG.normal(size=(20, 20)).astype(np.float32) for name in "ab"}
    weights["b"] *= 10
    return model_of([first, second], (4, 20), weights)


@pytest.mark.parametrize("ratio", [0.1, 0.333, 0.9])
def test_exactly_the_share_of_least_magnitude_goes(ratio):
    model = one_layer("Conv", (1, 8, 6, 6), RNG.normal(size=(16, 8, 3, 3)))
    result = apply(PruneWeights(), model, asked(ratio)).model
    before, after = model.constant("w"), result.constant("w")
    gone = after == 0
    assert gone.sum() == round(ratio * before.size)
    assert np.array_equal(after[~gone], before[~gone])
    assert np.abs(before[gone]).max() <= np.abs(before[~gone]).min()


def test_ranked_together_the_total_is_the_same_but_the_smaller_layer_loses_more():
    model = two_layers()
    result = apply(PruneWeights(), model, asked(0.4, scope="global")).model
    zeros = {name: int((result.constant(name) == 0).sum()) for name in "ab"}
    assert sum(zeros.values()) == 320
    assert zeros["a"] > 250


@pytest.mark.parametrize(
    ("op_type", "shape", "weight", "axis", "attributes"),
    [
        ("Conv", (1, 8, 6, 6), (16, 8, 3, 3), 1, {}),
        ("Gemm", (4, 12), (10, 12), 1, {"transB": 1}),
        ("Gemm", (4, 12), (12, 10), 0, {}),
        ("MatMul", (4, 14), (14, 10), 0, {}),
    ],
)
def test_two_of_every_four_inputs_stay(op_type, shape, weight, axis, attributes):
    model = one_layer(op_type, shape, RNG.normal(size=weight), **attributes)
    result = apply(PruneWeights(), model, asked(0.5, unit="2:4")).model
    inputs = np.moveaxis(result.constant("w"), axis, -1)
    whole = inputs.shape[-1] // 4 * 4
    assert np.all((inputs[..., :whole].reshape(-1, 4) != 0).sum(axis=1) == 2)
    assert np.all(inputs[..., whole:] != 0)


@pytest.mark.parametrize("unit", ["4:2", "0:4", "2-4", "rows"])
def test_a_unit_that_is_none_is_refused(unit):
    with pytest.raises(InvalidRecipeError, match=r"methods\.prune\.unit"):
        apply(PruneWeights(), two_layers(), asked(0.5, unit=unit))


def test_says_that_it_makes_nothing_faster():
    result = apply(PruneWeights(), two_layers(), asked(0.5, second=LayerOverride(prune=0.0)))
    assert "runs it no faster" in result.notes[0]
    assert [(one.layer, one.reason) for one in result.outcomes] == [("first", "200 of 400 weights are zero")]
    assert result.outcomes[0].before == result.outcomes[0].after


def test_a_share_that_rounds_to_none_is_refused():
    with pytest.raises(NothingChangedError, match="rounds to none"):
        apply(PruneWeights(), two_layers(), asked(0.001))
    with pytest.raises(NothingChangedError, match="no 32 inputs lie side by side"):
        apply(PruneWeights(), two_layers(), asked(0.5, unit="16:32"))


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0]), min_size=1, max_size=40), st.integers(0, 40))
def test_ties_are_cut_by_the_exact_number(magnitudes, count):
    assert smallest(np.array(magnitudes), count).sum() == min(count, len(magnitudes))


@given(st.integers(1, 20), st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_the_largest_of_a_group_always_stay(length, of, seed):
    magnitudes = np.random.default_rng(seed).integers(0, 5, (3, length)).astype(float)
    mask = all_but(1, of, magnitudes, 1)
    whole = length // of * of
    for row, cut in zip(magnitudes[:, :whole].reshape(-1, of), mask[:, :whole].reshape(-1, of), strict=True):
        assert cut.sum() == of - 1
        assert row[~cut][0] == row.max()
