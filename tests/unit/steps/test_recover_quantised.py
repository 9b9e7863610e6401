"""A quantised model learns back from the original what rounding took."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.core.errors import NothingChangedError, StudioError
from desktop_app.core.methods import Methods, QuantizeMethod, RecoverMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.model import Model
from desktop_app.io.data.base import Samples
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.training import TrainingSamples
from desktop_app.steps.cleaning.plain import cleaned
from desktop_app.steps.int8.elsewhere import EVERYWHERE, EXACT_KEY
from desktop_app.steps.int8.fusion import fused_layers
from desktop_app.steps.recover_quantised import RecoverQuantised
from tests.unit.steps.int8_nets import quantize, residual_net, run, sqnr_db


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def recipe(bits: int = 4, *, scheme: str = "portable", **method: object) -> Recipe:
    chosen = {"quantised_steps": 80, "batch": 16, "augment": False, "rate": 1e-3, **method}
    quantised = QuantizeMethod(four_bits="integer", scheme=scheme, keep_faster=False, rounding="nearest")
    return Recipe(
        defaults=LayerSettings(bits=bits), methods=Methods(quantize=quantised, recover=RecoverMethod(**chosen))
    )


def inputs_of(size: int, count: int = 128, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3, size, size)).astype(np.float32)


def training(inputs: np.ndarray) -> TrainingSamples:
    def read(indices: Sequence[int], size: int) -> Iterator[Samples]:
        for start in range(0, len(indices), size):
            yield Samples({"x": inputs[list(indices[start : start + size])]})

    return TrainingSamples(read, tuple(range(len(inputs))), key="inputs")


def calibration(original: Model, inputs: np.ndarray) -> DataCalibration:
    return DataCalibration(lambda: iter(()), len(inputs), False, {}, original, training(inputs))


@pytest.mark.parametrize("bits", [8, 4])
def test_outputs_come_nearer_to_the_originals(bits: int) -> None:
    original, inputs = cleaned(residual_net()), inputs_of(8)
    before = quantize(original, [{"x": inputs[:32]}], recipe(bits)).model
    result = RecoverQuantised().apply(before, recipe(bits), calibration(original, inputs), SilentToken())
    unseen = {"x": inputs_of(8, 64, seed=2)}
    then, now = (sqnr_db(run(original, unseen), run(model, unseen)) for model in (before, result.model))
    assert now > then + (1.0 if bits == 4 else 0.0)
    assert [node.op_type for node in result.model.graph] == [node.op_type for node in before.graph]
    assert {outcome.layer for outcome in result.outcomes if outcome.changed} == {one.name for one in before.layers}
    assert all(outcome.before == outcome.after for outcome in result.outcomes)
    names = {layer.name for layer in before.layers}
    assert fused_layers(result.model, names) == names
    assert result.model.ir.metadata_props[EXACT_KEY] == EVERYWHERE


def test_locked_layers_stay_and_pruned_weights_stay_zero() -> None:
    original, inputs = cleaned(residual_net()), inputs_of(8)
    value = original.node("inner").inputs[1]
    pruned = np.where(np.random.default_rng(0).random(value.shape.numpy()) < 0.5, 0, value.const_value.numpy())
    value.const_value = type(value.const_value)(pruned.astype(np.float32), name=value.name)
    before = quantize(original, [{"x": inputs[:32]}], recipe()).model
    locking = Recipe(
        defaults=LayerSettings(bits=4), layers={"first": LayerOverride(locked=True)}, methods=recipe().methods
    )
    result = RecoverQuantised().apply(before, locking, calibration(original, inputs), SilentToken())
    assert "first" not in {outcome.layer for outcome in result.outcomes}
    for role in ("q", "s"):
        name = f"first.weight_{role}"
        assert np.array_equal(before.constant(name), result.model.constant(name))
    after = result.model.constant("inner.weight_q")
    assert not np.array_equal(after, before.constant("inner.weight_q"))
    assert not after[pruned == 0].any()


def test_it_says_why_layers_are_left_alone() -> None:
    original, inputs = cleaned(residual_net()), inputs_of(8)
    half = recipe().with_layer("first", LayerSettings(bits=32))
    before = quantize(original, [{"x": inputs[:32]}], half).model
    result = RecoverQuantised().apply(before, recipe(), calibration(original, inputs), SilentToken())
    left = {outcome.layer: outcome.reason for outcome in result.outcomes if not outcome.changed}
    assert left == {"first": "it does not read integers"}
    with pytest.raises(NothingChangedError, match="none of the 4 layers"):
        RecoverQuantised().apply(original, recipe(), calibration(original, inputs), SilentToken())


def test_nothing_to_learn_from_is_an_error() -> None:
    original, inputs = cleaned(residual_net()), inputs_of(8)
    before = quantize(original, [{"x": inputs[:32]}], recipe()).model
    with pytest.raises(StudioError, match="nothing to train on"):
        RecoverQuantised().apply(before, recipe(), DataCalibration(lambda: iter(()), 0, False, {}), SilentToken())


def test_what_is_best_stays() -> None:
    original, inputs = cleaned(residual_net()), inputs_of(8)
    before = quantize(original, [{"x": inputs[:32]}], recipe(8)).model
    found = RecoverQuantised().apply(
        before, recipe(8, rate=1.0, quantised_steps=20), calibration(original, inputs), SilentToken()
    )
    assert found.model is before
    assert "the integers stay" in found.notes[-1]


def test_the_pipeline_quantises_trains_and_packs() -> None:
    model, inputs = residual_net(), inputs_of(8)
    samples = CalibrationSamples(lambda: iter([{"x": inputs[:32]}]), 32, False, "key", training(inputs))
    done = [*Pipeline().run(model, "net", recipe(quantised_steps=10), samples, SilentToken())]
    names = [one.step.name for one in done]
    assert names.index("quantize_static") < names.index("recover_quantised")
    assert not RecoverQuantised().wanted(done[-1].result.model, recipe(quantised_steps=0))
    assert not RecoverQuantised().wanted(model, recipe())


def test_weights_that_are_decoded_at_load_stay_and_the_others_learn() -> None:
    model, inputs = residual_net(), inputs_of(8)
    asked = recipe()
    alone = replace(asked.methods.quantize, weights_only=("outer",), block=None)
    asked = replace(asked, methods=replace(asked.methods, quantize=alone))
    samples = CalibrationSamples(lambda: iter([{"x": inputs[:32]}]), 32, False, "key", training(inputs))
    done = {one.step.name: one.result for one in Pipeline().run(model, "net", asked, samples, SilentToken())}
    before, after = done["quantize_weights"], done["recover_quantised"]
    assert [one.layer for one in before.outcomes if one.changed] == ["outer"]
    assert {one.layer for one in after.outcomes if one.changed} == {"first", "inner", "last"}
    stored = [name for name in before.model.graph.initializers if name.startswith("outer.weight")]
    assert stored
    assert all(np.array_equal(before.model.constant(one), after.model.constant(one)) for one in stored)
