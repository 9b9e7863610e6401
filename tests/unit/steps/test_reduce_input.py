import numpy as np
import onnx
import onnx_ir as ir
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from desktop_app.core.errors import Cancelled, NothingChangedError
from desktop_app.core.methods import Methods, RestructureMethod
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.summary import ModelSummary
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import Choice, StepResult
from desktop_app.steps.reduce_input import ReduceInput
from desktop_app.steps.restructuring.measuring import Times

NOTHING = DataCalibration(lambda: iter(()), 0, synthetic=True, statistics={})


def recipe(share: float) -> Recipe:
    return Recipe(methods=Methods(restructure=RestructureMethod(resolution=share)))


def reduce(model: Model, share: float) -> StepResult:
    return ReduceInput().apply(model, recipe(share), NOTHING, SilentToken())


def classifier(side=16, *, pool="GlobalAveragePool", output=(1, 5), opset=17, channels_last=False, batch=1) -> Model:
    """A convolution and scores of what `pool` leaves."""
    rng = np.random.default_rng(0)
    weights = {"w": rng.normal(size=(8, 3, 3, 3)), "v": rng.normal(size=(8, 5))}
    shape = [batch, side, side, 3] if channels_last else [batch, 3, side, side]
    start = [helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2])] if channels_last else []
    attributes = {"kernel_shape": [side, side]} if pool == "AveragePool" else {}
    pooled = [] if pool is None else [helper.make_node(pool, ["c"], ["p"], **attributes)]
    nodes = [
        *start,
        helper.make_node("Conv", ["t" if channels_last else "x", "w"], ["c"], name="conv", pads=[1] * 4),
        *pooled,
        helper.make_node("Flatten", ["p" if pool else "c"], ["f"]),
        helper.make_node("MatMul", ["f", "v"], ["y"], name="scores"),
    ]
    if output is None:
        nodes, output = nodes[: len(start) + 1], (1, 8, side, side)
        nodes[-1].output[0] = "y"
    if pool is None:
        weights["v"] = rng.normal(size=(8 * side * side, 5))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return Model(ir.from_proto(onnx.shape_inference.infer_shapes(model)))


def run(model: Model, x: np.ndarray) -> np.ndarray:
    return open_session(model).run(None, {"x": x})[0]


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("pool", ["GlobalAveragePool", "AveragePool"])
def test_half_the_resolution_is_the_model_on_the_averaged_picture(pool, channels_last):
    model = classifier(16, pool=pool, channels_last=channels_last)
    small = classifier(8, channels_last=channels_last)
    x = np.random.default_rng(1).normal(size=(1, 3, 16, 16)).astype(np.float32)
    halved = x.reshape(1, 3, 8, 2, 8, 2).mean(axis=(3, 5))
    if channels_last:
        x, halved = np.moveaxis(x, 1, 3), np.moveaxis(halved, 1, 3)
    result = reduce(model, 0.5)
    assert np.allclose(run(result.model, x), run(small, np.ascontiguousarray(halved)), atol=1e-4)
    assert "from 16 x 16 to 8 x 8" in result.notes[0]
    assert result.model.layer("conv").macs * 4 == model.layer("conv").macs
    assert [one.layer for one in result.outcomes] == ["conv"]


@given(side=st.integers(4, 40), share=st.floats(0.2, 0.99))
def test_a_picture_becomes_as_small_as_asked(side, share):
    result = reduce(classifier(side), share)
    (conv,) = (layer for layer in result.model.layers if layer.name == "conv")
    target = max(round(share * side), 1)
    assert conv.output_shape[2:] == (target, target)


def test_any_number_of_samples_still_goes_in():
    result = reduce(classifier(16, batch="batch", output=("batch", 5)), 0.75)
    assert run(result.model, np.zeros((4, 3, 16, 16), np.float32)).shape == (4, 5)


@pytest.mark.parametrize("opset", [9, 10])
def test_an_old_operator_set_has_only_whole_numbers(opset):
    assert reduce(classifier(16, opset=opset), 0.5).notes
    with pytest.raises(NothingChangedError, match="no exact Resize"):
        reduce(classifier(16, opset=opset), 0.75)


def test_scores_of_every_place_are_refused():
    with pytest.raises(NothingChangedError, match="made for its resolution"):
        reduce(classifier(16, pool=None), 0.5)


def test_outputs_that_tell_of_places_are_refused():
    with pytest.raises(NothingChangedError, match="may tell of places"):
        reduce(classifier(16, output=None), 0.5)


def test_what_is_not_asked_for_is_not_wanted():
    assert not ReduceInput().wanted(classifier(), Recipe())
    assert ReduceInput().wanted(classifier(), recipe(0.5))


def test_it_stops_when_cancelled():
    class Stopped(SilentToken):
        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        ReduceInput().apply(classifier(), recipe(0.5), NOTHING, Stopped())


def test_the_prediction_comes_near():
    model = classifier(16)
    layers, groups = model.layers, model.channels.groups
    summary = ModelSummary("", "", "", 0, 0, 1, Cost(), 17, "", (), (), layers, groups)
    found = predict(summary, recipe(0.5))
    after = reduce(model, 0.5).model
    assert {name: cost.macs for name, cost in found.layers.items()} == {one.name: one.macs for one in after.layers}


def chosen(share: float, times: Times | None, **method) -> Choice | None:
    asked = Recipe(methods=Methods(restructure=RestructureMethod(resolution=share, **method)))
    return ReduceInput(lambda before, after, token: times).choose(classifier(16), asked, SilentToken())


def test_a_smaller_picture_that_is_not_faster_is_undone_with_the_figures():
    choice = chosen(0.5, Times(1.0, 1.1, 0.91, 0.9, 0.92))
    assert choice is not None
    assert choice.recipe.methods.restructure == RestructureMethod(keep_faster=False)
    (outcome,) = choice.outcomes
    assert (outcome.layer, outcome.changed) == ("conv", False)
    assert "1 ms before and 1.1 ms after, 0.91 times as fast" in outcome.reason


def test_what_is_measured_later_still_is():
    faster = Times(2.0, 1.0, 2.0, 1.9, 2.1)
    choice = chosen(0.5, faster, activations="relu")
    assert choice is not None
    assert choice.recipe.methods.restructure.keep_faster
    choice = chosen(0.5, faster)
    assert choice is not None
    assert choice.recipe.methods.restructure == RestructureMethod(resolution=0.5, keep_faster=False)


def test_a_refusal_is_left_to_be_said_when_it_is_carried_out():
    assert ReduceInput(lambda *_: None).choose(classifier(16, pool=None), recipe(0.5), SilentToken()) is None


def test_a_run_says_what_was_undone_and_its_recipe_replays(monkeypatch):
    monkeypatch.setattr(ReduceInput.__init__, "__defaults__", (lambda *_: Times(1.0, 1.1, 0.91, 0.9, 0.92),))
    model = classifier(16)
    x = np.random.default_rng(1).normal(size=(4, 3, 16, 16)).astype(np.float32)
    samples = CalibrationSamples(lambda: iter([{"x": x[:1]}]), 1, False, "key")
    asked = recipe(0.5)
    (done,) = [one for one in Pipeline().run(model, "model", asked, samples, SilentToken()) if one.result.outcomes]
    assert done.step is ReduceInput
    assert not done.result.outcomes[0].changed
    assert done.recipe.methods.restructure == RestructureMethod(keep_faster=False)
    again = list(Pipeline().run(model, "model", done.recipe, samples, SilentToken()))
    assert [one for one in again if one.step is ReduceInput] == []
