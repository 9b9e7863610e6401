import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.steps.prune_weights import PruneWeights
from desktop_app.steps.rounding.moments import damped, error_of
from desktop_app.steps.weight_pruning.refit import refit_kept
from desktop_app.steps.weight_pruning.selection import Count, Pattern
from tests.unit.steps.data_nets import apply_on, layers
from tests.unit.steps.layer_nets import decibel, run

LAYERS = layers()


def asked(ratio, criterion="auto", unit="weights", scope="layer") -> Recipe:
    method = PruneMethod(unit=unit, criterion=criterion, scope=scope)
    return Recipe(defaults=LayerSettings(prune=ratio), methods=Methods(prune=method))


def zeros(model):
    return float((model.constant("w") == 0).mean())


UNITS = [("weights", 0.5), ("weights", 0.8), ("2:4", 0.5), ("1:4", 0.5)]
WITH_NEIGHBOURS = [name for name in LAYERS if name != "depthwise"]
"""A depthwise convolution has one input channel."""


@pytest.mark.parametrize(("name", "unit", "ratio"), [(name, *unit) for name in WITH_NEIGHBOURS for unit in UNITS])
def test_refitted_weights_lose_less_than_those_of_magnitude(name, unit, ratio):
    model, samples, others = LAYERS[name]
    expected = run(model, others)
    found = {
        criterion: apply_on(PruneWeights(), model, asked(ratio, criterion, unit), samples).model
        for criterion in ("l2", "wanda", "sparsegpt")
    }
    signal = {criterion: decibel(expected, run(one, others)) for criterion, one in found.items()}
    assert signal["sparsegpt"] > max(signal["l2"], signal["wanda"]) + 1
    share = {"2:4": 0.5, "1:4": 0.75}.get(unit, ratio)
    assert zeros(found["sparsegpt"]) == zeros(found["l2"]) == pytest.approx(share, abs=0.01)


def test_patterns_hold_after_the_refit():
    model, samples, _ = LAYERS["Conv"]
    result = apply_on(PruneWeights(), model, asked(0.5, "sparsegpt", "2:4"), samples).model
    groups = np.moveaxis(result.constant("w"), 1, -1).reshape(-1, 4)
    assert np.all((groups == 0).sum(axis=1) == 2)


def test_every_output_loses_as_many_by_wanda():
    model, samples, _ = LAYERS["MatMul"]
    result = apply_on(PruneWeights(), model, asked(0.5, "wanda"), samples).model
    assert np.all((result.constant("w") == 0).sum(axis=0) == 32)


@pytest.mark.parametrize("criterion", ["wanda", "sparsegpt"])
def test_the_mean_of_every_channel_is_kept(criterion):
    model, samples, _ = LAYERS["Gemm"]
    result = apply_on(PruneWeights(), model, asked(0.7, criterion), samples).model
    before, after = run(model, samples), run(result, samples)
    np.testing.assert_allclose(after.mean(axis=0), before.mean(axis=0), atol=0.01 * before.std())


def test_ranked_together_the_total_is_that_of_the_ratio():
    model, samples, _ = LAYERS["Conv"]
    result = apply_on(PruneWeights(), model, asked(0.6, "sparsegpt", scope="global"), samples).model
    assert zeros(result) == pytest.approx(0.6, abs=0.01)


def test_made_up_samples_judge_only_where_that_is_asked():
    model, samples, _ = LAYERS["Gemm"]
    auto = apply_on(PruneWeights(), model, asked(0.5), samples, synthetic=True).model
    magnitude = apply_on(PruneWeights(), model, asked(0.5, "l2"), samples).model
    assert auto.to_bytes() == magnitude.to_bytes()
    wished = apply_on(PruneWeights(), model, asked(0.5, "wanda"), samples, synthetic=True)
    assert any("made up" in note for note in wished.notes)
    without = apply_on(PruneWeights(), model, asked(0.5, "sparsegpt"), samples[:0])
    assert any("no calibration samples" in note for note in without.notes)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.floats(0.1, 0.9))
def test_the_refit_is_least_squares_over_what_is_kept(seed, inputs, share):
    rng = np.random.default_rng(seed)
    rows, mixed = rng.normal(size=(1, 3, inputs)), rng.normal(size=(1, inputs, inputs))
    moments = damped(mixed @ mixed.transpose(0, 2, 1))
    keep = rng.random(rows.shape) < share
    found = refit_kept(rows, moments, keep, iterations=200)
    assert np.all(found[~keep] == 0)
    for row, kept, fitted in zip(rows[0], keep[0], found[0], strict=True):
        best = np.zeros(inputs)
        best[kept] = np.linalg.solve(moments[0][np.ix_(kept, kept)], moments[0][kept] @ row)
        least = error_of((row - best)[None], moments[0])[0]
        assert error_of((row - fitted)[None], moments[0])[0] <= least + 1e-3 * error_of(row[None], moments[0])[0]


@given(st.integers(0, 500), st.integers(1, 12))
def test_the_steps_to_a_count_end_there_and_never_go_back(count, steps):
    counts = [stage.count for stage in Count(count).stages(steps)]
    assert counts[-1] == count
    assert counts == sorted(counts)


@given(st.integers(1, 63), st.integers(1, 12))
def test_the_steps_to_a_pattern_end_there_and_take_more_every_time(keep, steps):
    stages = Pattern(keep, 64).stages(steps)
    assert (stages[-1].keep, stages[-1].of) == (keep, 64)
    kept = [stage.keep for stage in stages]
    assert kept == sorted(set(kept), reverse=True)
