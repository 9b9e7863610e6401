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
from desktop_app.core.stack import Stack, stack_of
from desktop_app.core.summary import ModelSummary
from desktop_app.graph.model import Model
from desktop_app.inspection import with_refusals
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import StepResult
from desktop_app.steps.factorisation.stacking import compose
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


def two_convolutions(extent=3) -> Model:
    weights = [numpy_helper.from_array(RNG.normal(size=shape).astype(np.float32) / 8, name) for name, shape in
               (("a", (16, 8, 3, 3)), ("b", (16, 16, extent, extent)), ("c", (4, 16, 1, 1)))]  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["x", "a"], ["h"], name="first", pads=[1] * 4),
        helper.make_node("Relu", ["h"], ["r"], name="relu"),
        helper.make_node("Conv", ["r", "b"], ["s"], name="second", pads=[extent // 2] * 4),
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


def stacked(rank: float | int | None = None, **method) -> Recipe:
    settings = LayerSettings(structure="stacked", rank=rank)
    return Recipe(defaults=settings, methods=Methods(restructure=RestructureMethod(**method)))


@pytest.mark.parametrize(
    ("kernel", "attributes"),
    [
        ((5, 5), {"pads": [2, 2, 2, 2]}),
        ((5, 5), {"pads": [0, 1, 2, 0], "dilations": [2, 2]}),
        ((5, 5), {"auto_pad": "SAME_LOWER"}),
        ((5, 5), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
        ((7, 7), {"pads": [3, 3, 3, 3], "strides": [2, 2]}),
        ((7, 5), {"pads": [3, 2, 3, 2]}),
        ((5, 3), {"auto_pad": "VALID", "strides": [1, 2]}),
    ],
)
def test_a_kernel_of_small_ones_is_stacked_borders_and_all(kernel, attributes):
    model = one_layer("Conv", (8, 6, 16, 15), np.zeros((12, 6, *kernel)), RNG.normal(size=12), **attributes)
    stack = stack_of(model.layer("layer"))
    assert isinstance(stack, Stack)
    weight = RNG.normal(size=(1, 6, *stack.extents[0]))
    for behind, extents in enumerate(stack.extents[1:], 1):
        outputs = 12 if behind == len(stack.extents) - 1 else 1
        weight = compose(RNG.normal(size=(outputs, 1, *extents)), weight, stack.strides)
    model = one_layer("Conv", (8, 6, 16, 15), weight, RNG.normal(size=12), **attributes)
    x = RNG.normal(size=(8, 6, 16, 15)).astype(np.float32)
    asked = stacked(2)
    result = rewritten(model, x, asked)
    before, after = run(model, x), run(result.model, x)
    assert np.abs(after - before).max() < 0.02 * np.abs(before).max()
    assert cost(result.model) == predicted(model, asked)


def test_the_parts_of_a_stack_are_named_and_its_width_is_not_a_rank_of_them():
    model = one_layer("Conv", (8, 6, 9, 9), RNG.normal(size=(12, 6, 5, 5)), RNG.normal(size=12), pads=[2] * 4)
    asked = stacked(4, keep_faster=False)
    done = through_all_steps(model, asked, RNG.normal(size=(8, 6, 9, 9)).astype(np.float32))
    last = done[-1].result.model
    assert [layer.name for layer in last.layers] == ["layer/stack_1", "layer/stack_2"]
    assert {one.step.name for one in done if one.result.outcomes} == {"restructure"}
    (outcome,) = [one for step in done for one in step.result.outcomes]
    assert "kernels of 3 x 3, 3 x 3 with 4 channels between" in outcome.reason
    assert cost(last) == predicted(model, asked)


def test_a_stack_that_is_not_faster_leaves_no_rank_behind():
    model = one_layer("Conv", (8, 6, 9, 9), RNG.normal(size=(12, 6, 5, 5)))
    choice = Restructure(Watch(10.0, 11.5)).choose(model, stacked(4), SilentToken())
    assert choice is not None
    assert "stacked it takes 11.5 us" in choice.outcomes[0].reason
    assert choice.recipe.settings_for(model.layer("layer")) == LayerSettings()


@pytest.mark.parametrize("settings", [{"prune": 0.5}, {"bits": 8}, {"prune": 0.25, "bits": 4}])
def test_a_stacked_layer_takes_the_other_knobs(settings):
    model, x = two_convolutions(extent=5), RNG.normal(size=(16, 8, 8, 8)).astype(np.float32)
    both = {"second": LayerOverride(structure="stacked", **settings)}
    asked = Recipe(layers=both, methods=Methods(restructure=RestructureMethod(keep_faster=False)))
    done = through_all_steps(model, asked, x)
    knobs = {step.step.knob for step in done if any(one.changed for one in step.result.outcomes)}
    assert knobs >= {"structure", *settings}
    result = done[-1].result.model
    assert np.isfinite(run(result, x)).all()
    if settings == {"prune": 0.5}:
        assert [layer.weight_shape[0] for layer in result.layers] == [16, 8, 8, 4]
        assert cost(result) == predicted(model, asked)


def test_a_picture_of_unknown_size_is_refused_only_where_its_padding_depends_on_it():
    weight = RNG.normal(size=(12, 6, 7, 7))
    for attributes, said in (({"strides": [2, 2]}, "size of the picture"), ({}, "")):
        model = one_layer("Conv", (1, 6, "h", "w"), weight, auto_pad="SAME_UPPER", **attributes)
        x = RNG.normal(size=(1, 6, 20, 20)).astype(np.float32)
        if said:
            with pytest.raises(NothingChangedError, match=said):
                rewritten(model, x, stacked())
        else:
            assert run(rewritten(model, x, stacked()).model, x).shape == run(model, x).shape


def test_small_kernels_are_refused_a_stack_with_the_reason():
    model = one_layer("Conv", (2, 6, 9, 9), RNG.normal(size=(12, 6, 3, 3)))
    with pytest.raises(NothingChangedError, match="small already"):
        rewritten(model, RNG.normal(size=(2, 6, 9, 9)).astype(np.float32), stacked())


@pytest.mark.parametrize("settings", [{}, {"prune": 0.5}, {"bits": 8}])
def test_a_wider_separable_layer_has_a_kernel_for_each_channel_of_several_copies(settings):
    model, x = two_convolutions(), RNG.normal(size=(16, 8, 8, 8)).astype(np.float32)
    both = {
        "first": LayerOverride(prune=settings.get("prune", 0.0)),
        "second": LayerOverride(structure="separable", **settings),
    }
    method = RestructureMethod(multiplier="auto", share=0.5, keep_faster=False)
    asked = Recipe(layers=both, methods=Methods(restructure=method))
    result = through_all_steps(model, asked, x)[-1].result.model
    node = result.node("second/depthwise")
    assert node.inputs[0].producer().op_type in ("Concat", "DequantizeLinear")
    channels = 8 if "prune" in settings else 16
    assert node.attributes.get_int("group", 1) == 2 * channels
    assert np.isfinite(run(result, x)).all()
    if "bits" not in settings:
        assert cost(result) == predicted(model, asked)
