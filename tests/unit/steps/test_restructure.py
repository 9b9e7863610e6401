import numpy as np
import pytest
from onnx import helper, numpy_helper

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import Methods, RestructureMethod
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.core.summary import ModelSummary
from desktop_app.graph.model import Model
from desktop_app.inspection import with_refusals
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import StepResult
from desktop_app.steps.restructure import MADE_UP, Restructure
from tests.unit.steps.test_low_rank import one_layer
from tests.unit.steps.told import cost, predicted, run

RNG = np.random.default_rng(0)
GEOMETRIES = [
    {"pads": [1, 1, 1, 1]},
    {"pads": [0, 2, 1, 0], "strides": [2, 1]},
    {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
    {"dilations": [2, 2]},
]


def separable_kernel(outputs, inputs, kernel, multiplier=1) -> np.ndarray:
    taps = RNG.normal(size=(inputs, multiplier, *kernel))
    return np.einsum("oim,imhw->oihw", RNG.normal(size=(outputs, inputs, multiplier)), taps)


def recipe(**method) -> Recipe:
    return Recipe(
        defaults=LayerSettings(structure="separable"), methods=Methods(restructure=RestructureMethod(**method))
    )


def rewritten(model: Model, x: np.ndarray, asked: Recipe, synthetic=False) -> StepResult:
    calibration = DataCalibration(lambda: iter([{"x": x}]), len(x), synthetic, {})
    return Restructure().apply(model, asked, calibration, SilentToken())


@pytest.mark.parametrize("attributes", GEOMETRIES)
@pytest.mark.parametrize("synthetic", [False, True])
def test_a_separable_convolution_is_reproduced(attributes, synthetic):
    model = one_layer("Conv", (8, 6, 11, 10), separable_kernel(12, 6, (3, 3)), RNG.normal(size=12), **attributes)
    x = RNG.normal(size=(8, 6, 11, 10)).astype(np.float32)
    result = rewritten(model, x, recipe(), synthetic)
    assert np.allclose(run(result.model, x), run(model, x), rtol=1e-2, atol=1e-2)
    assert [one.op_type for one in result.model.graph] == ["Conv", "Conv"]
    assert cost(result.model) == predicted(model, recipe())
    assert result.notes == ((MADE_UP,) if synthetic else ())


def test_the_parts_are_named_and_come_from_the_layer():
    model = one_layer("Conv", (8, 6, 9, 9), separable_kernel(12, 6, (3, 3)), RNG.normal(size=12))
    result = rewritten(model, RNG.normal(size=(8, 6, 9, 9)).astype(np.float32), recipe())
    assert [layer.name for layer in result.model.layers] == ["layer/depthwise", "layer/pointwise"]
    assert {layer.origin for layer in result.model.layers} == {"layer"}
    (outcome,) = result.outcomes
    assert outcome.changed
    assert outcome.after.macs < outcome.before.macs
    assert "a kernel for each of 6 channels" in outcome.reason


def test_more_kernels_for_each_channel_come_nearer():
    model = one_layer("Conv", (8, 6, 9, 9), RNG.normal(size=(24, 6, 3, 3)), RNG.normal(size=24))
    x = RNG.normal(size=(8, 6, 9, 9)).astype(np.float32)
    errors = []
    for multiplier in (1, 2, 4):
        asked = recipe(multiplier=multiplier)
        result = rewritten(model, x, asked).model
        assert cost(result) == predicted(model, asked)
        errors.append(float(np.mean((run(result, x) - run(model, x)) ** 2)))
    assert errors[0] > 1.3 * errors[1] > 1.3 * 1.3 * errors[2]


def test_the_error_is_that_of_the_outputs_not_of_the_weights():
    model = one_layer("Conv", (16, 6, 9, 9), RNG.normal(size=(24, 6, 3, 3)))
    mixed = np.einsum("ij,njhw->nihw", RNG.normal(size=(6, 2)), RNG.normal(size=(16, 2, 9, 9)))
    x = np.cumsum(mixed, axis=3).astype(np.float32)
    on_data = rewritten(model, x, recipe()).model
    by_weights = rewritten(model, x, recipe(), synthetic=True).model
    error = [float(np.mean((run(one, x) - run(model, x)) ** 2)) for one in (on_data, by_weights)]
    assert error[0] < 0.7 * error[1]


class Watch:
    """Tells set times for the layer and for what takes its place."""

    def __init__(self, whole, chain):
        self._times = None if whole is None else (whole, [chain])

    def times(self, system, factors):
        return self._times


@pytest.mark.parametrize(("times", "said"), [((10.0, 11.5), "11.5 us"), ((None, 0.0), "cannot be measured")])
def test_what_is_not_faster_stays(times, said):
    model = one_layer("Conv", (8, 6, 9, 9), separable_kernel(12, 6, (3, 3)))
    choice = Restructure(Watch(*times)).choose(model, recipe(), SilentToken())
    assert choice is not None
    (outcome,) = choice.outcomes
    assert not outcome.changed
    assert said in outcome.reason
    assert not Restructure().wanted(model, choice.recipe)
    assert not choice.recipe.methods.restructure.keep_faster


def test_what_is_faster_is_rewritten():
    model = one_layer("Conv", (8, 6, 9, 9), separable_kernel(12, 6, (3, 3)))
    choice = Restructure(Watch(10.0, 5.0)).choose(model, recipe(), SilentToken())
    assert choice is not None
    assert choice.outcomes == ()
    assert Restructure().wanted(model, choice.recipe)


def test_nothing_is_timed_where_that_is_not_asked():
    model = one_layer("Conv", (8, 6, 9, 9), separable_kernel(12, 6, (3, 3)))
    assert Restructure(Watch(10.0, 50.0)).choose(model, recipe(keep_faster=False), SilentToken()) is None


def test_a_matrix_is_refused_with_a_reason():
    model = one_layer("MatMul", (2, 20), RNG.normal(size=(20, 30)))
    with pytest.raises(NothingChangedError, match="only Conv"):
        rewritten(model, RNG.normal(size=(2, 20)).astype(np.float32), recipe())


def test_refused_layers_are_foretold():
    model = one_layer("MatMul", (2, 20), RNG.normal(size=(20, 30)))
    summary = ModelSummary("", "", "", 0, 0, 1, Cost(), 17, "", (), (), with_refusals(model), ())
    told = predict(summary, recipe())
    assert "only Conv" in told.refusals["layer"]["structure"]
    assert told.cost == cost(model)


def two_convolutions() -> Model:
    weights = [numpy_helper.from_array(RNG.normal(size=shape).astype(np.float32) / 8, name) for name, shape in
               (("a", (16, 8, 3, 3)), ("b", (16, 16, 3, 3)), ("c", (4, 16, 1, 1)))]  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["x", "a"], ["h"], name="first", pads=[1] * 4),
        helper.make_node("Relu", ["h"], ["r"], name="relu"),
        helper.make_node("Conv", ["r", "b"], ["s"], name="second", pads=[1] * 4),
        helper.make_node("Relu", ["s"], ["t"], name="relu2"),
        helper.make_node("Conv", ["t", "c"], ["y"], name="last"),
    ]
    import onnx
    import onnx_ir as ir

    floats = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", floats, ["batch", 8, 8, 8])],
        [helper.make_tensor_value_info("y", floats, None)], weights,
    )  # fmt: skip
    return Model(ir.from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)))


def through_all_steps(model: Model, asked: Recipe, x: np.ndarray):
    samples = CalibrationSamples(lambda: iter([{"x": x}]), len(x), False, "key")
    return list(Pipeline().run(model, "model", asked, samples, SilentToken()))


@pytest.mark.parametrize(
    "settings", [{"prune": 0.5}, {"rank": 3}, {"bits": 8}, {"bits": 4}, {"prune": 0.25, "bits": 8}]
)
def test_a_rewritten_layer_takes_the_other_knobs(settings):
    model, x = two_convolutions(), RNG.normal(size=(16, 8, 8, 8)).astype(np.float32)
    both = LayerOverride(structure="separable", **settings)
    method = RestructureMethod(keep_faster=False)
    asked = Recipe(layers={"second": both}, methods=Methods(restructure=method))
    done = through_all_steps(model, asked, x)
    changed = {(one.step, one.layer) for step in done for one in step.result.outcomes if one.changed}
    assert ("restructure", "second") in changed
    assert {step.step.knob for step in done if any(one.layer == "second" for one in step.result.outcomes)} >= {
        "structure",
        *settings,
    }
    assert "first" not in {layer for _, layer in changed}
    assert np.isfinite(run(done[-1].result.model, x)).all()


def test_pruning_and_rank_of_a_rewritten_layer_are_foretold():
    model, x = two_convolutions(), RNG.normal(size=(16, 8, 8, 8)).astype(np.float32)
    method = RestructureMethod(keep_faster=False)
    both = {"second": LayerOverride(structure="separable", rank=3)}
    asked = Recipe(layers=both, methods=Methods(restructure=method))
    assert cost(through_all_steps(model, asked, x)[-1].result.model) == predicted(model, asked)


def test_a_layer_fitted_in_order_makes_up_for_those_before_it():
    model, x = two_convolutions(), RNG.normal(size=(64, 8, 8, 8)).astype(np.float32)
    other = RNG.normal(size=(64, 8, 8, 8)).astype(np.float32)
    errors = [
        float(np.mean((run(rewritten(model, x, recipe(reconstruct=way)).model, other) - run(model, other)) ** 2))
        for way in (True, False)
    ]
    assert errors[0] < errors[1]


def test_locked_layers_stay():
    model = two_convolutions()
    asked = Recipe(defaults=LayerSettings(structure="separable"), layers={"first": LayerOverride(locked=True)})
    result = rewritten(model, RNG.normal(size=(16, 8, 8, 8)).astype(np.float32), asked)
    outcomes = {one.layer: one for one in result.outcomes}
    assert outcomes["second"].changed
    assert not outcomes["last"].changed
    assert "first" not in outcomes


def test_pruning_a_rewritten_layer_cuts_its_own_channels_as_foretold():
    model, x = two_convolutions(), RNG.normal(size=(16, 8, 8, 8)).astype(np.float32)
    both = {"second": LayerOverride(structure="separable", prune=0.5)}
    asked = Recipe(layers=both, methods=Methods(restructure=RestructureMethod(keep_faster=False)))
    result = through_all_steps(model, asked, x)[-1].result.model
    assert [layer.weight_shape[0] for layer in result.layers] == [16, 16, 8, 4]
    assert cost(result) == predicted(model, asked)
