from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx_ir as ir
import pytest
from onnx import helper

from desktop_app.core.cut import macs_after
from desktop_app.core.errors import Cancelled, NothingChangedError
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.inspection import summarise
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import StepResult
from desktop_app.steps.prune_channels import PruneChannels
from tests.unit.steps.layer_nets import model_of, run

TEXT = """
<ir_version: 8, opset_import: ["" : 17]>
net (float[N, 3, 8, 8] image) => (float[N, M] logits) {
    stem_out = Conv <pads = [1, 1, 1, 1]> (image, w0, b0)
    stem = Relu (stem_out)
    inner_out = Conv <pads = [1, 1, 1, 1]> (stem, w1, b1)
    inner = Relu (inner_out)
    outer = Conv <pads = [1, 1, 1, 1]> (inner, w2, b2)
    sum = Add (outer, stem)
    act = Relu (sum)
    deep_out = Conv <group = 12, pads = [1, 1, 1, 1]> (act, w3, b3)
    deep = Relu (deep_out)
    point_out = Conv <auto_pad = "SAME_UPPER", strides = [2, 2]> (deep, w4, b4)
    point = Relu (point_out)
    pooled = GlobalAveragePool (point)
    flat = Flatten (pooled)
    logits = Gemm <transB = 1> (flat, w5, b5)
}
"""
SHAPES = {"w0": (12, 3, 3, 3), "w1": (16, 12, 3, 3), "w2": (12, 16, 3, 3), "w3": (12, 1, 3, 3)}
SHAPES |= {"w4": (20, 12, 3, 3), "w5": (7, 20)}


def _model(seed: int = 0) -> Model:
    """A residual block, a depthwise convolution, a pointwise one and a matrix, with random weights."""
    rng = np.random.default_rng(seed)
    model = ir.from_onnx_text(TEXT)
    names = ("stem", "", "inner", "", "outer", "", "", "deep", "", "point", "", "", "", "head")
    for node, name in zip(model.graph, names, strict=True):
        node.name = name or node.outputs[0].name + "_node"
    for index, shape in enumerate(SHAPES.values()):
        weight = rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        for name, array in ((f"w{index}", weight), (f"b{index}", rng.standard_normal(shape[0]) * 0.1)):
            value = next(v for node in model.graph for v in node.inputs if v is not None and v.name == name)
            value.const_value = ir.Tensor(array.astype(np.float32), name=name)
            value.shape, value.type = ir.Shape(array.shape), ir.TensorType(ir.DataType.FLOAT)
            model.graph.register_initializer(value)
    return Model(model)


def _images(count: int = 64, seed: int = 1) -> np.ndarray:
    """Smooth images: neighbouring pixels are alike, so that channels can stand in for each other."""
    noise = np.random.default_rng(seed).standard_normal((count, 3, 10, 10)).astype(np.float32)
    return (noise[..., 1:9, 1:9] + noise[..., 2:, 1:9] + noise[..., 1:9, 2:] + noise[..., 2:, 2:]) / 2


def _calibration(images: np.ndarray) -> DataCalibration:
    starts = range(0, len(images), 10)
    return DataCalibration(lambda: iter({"image": images[i : i + 10]} for i in starts), len(images), False, {})


def _recipe(prune: float = 0.0, layers: Mapping[str, LayerOverride] = {}, **method: object) -> Recipe:
    methods = Methods(prune=PruneMethod(**{"reconstruct": False, **method}))
    return Recipe(defaults=LayerSettings(prune=prune), layers=dict(layers), methods=methods)


def _apply(model: Model, recipe: Recipe, images: np.ndarray | None = None) -> StepResult:
    return PruneChannels().apply(model, recipe, _calibration(_images() if images is None else images), SilentToken())


def _weight_shapes(model: Model) -> dict[str, tuple[int, ...]]:
    return {layer.name: layer.weight_shape for layer in model.layers}


def _macs(model: Model) -> int:
    return sum(layer.macs for layer in model.layers)


def test_every_layer_is_cut_by_its_ratio_and_coupled_ones_alike() -> None:
    result = _apply(_model(), _recipe(0.5, {"point": LayerOverride(prune=0.25)}))
    assert _weight_shapes(result.model) == {
        "stem": (6, 3, 3, 3),
        "inner": (8, 6, 3, 3),
        "outer": (6, 8, 3, 3),
        "deep": (6, 1, 3, 3),
        "point": (15, 6, 3, 3),
        "head": (7, 15),
    }
    assert open_session(result.model).run(None, {"image": _images(2)})[0].shape == (2, 7)


def test_outcomes_say_what_was_cut_together_and_what_was_refused() -> None:
    outcomes = {outcome.layer: outcome for outcome in _apply(_model(), _recipe(0.5)).outcomes}
    assert outcomes["inner"].changed
    assert outcomes["inner"].reason == ""
    assert outcomes["inner"].after.params < outcomes["inner"].before.params
    assert outcomes["stem"].reason == "cut together with outer and 1 more"
    assert outcomes["head"].changed
    assert outcomes["head"].reason == "reads fewer channels"


def test_the_prediction_is_what_comes_out() -> None:
    model, recipe = _model(), _recipe(0.3, {"inner": LayerOverride(prune=0.6), "point": LayerOverride(locked=True)})
    summary = summarise(model, name="net", path="", sha256="", file_bytes=0)
    prediction = predict(summary, recipe)
    after = {layer.name: (layer.params, layer.macs) for layer in _apply(model, recipe).model.layers}
    assert after == {name: (cost.params, cost.macs) for name, cost in prediction.layers.items()}


def test_a_locked_layer_keeps_all_that_it_reads_and_makes() -> None:
    result = _apply(_model(), _recipe(0.5, {"outer": LayerOverride(locked=True)}))
    shapes = _weight_shapes(result.model)
    assert shapes["outer"] == (12, 16, 3, 3)
    assert shapes["point"] == (10, 12, 3, 3)
    refused = {outcome.layer: outcome.reason for outcome in result.outcomes if not outcome.changed}
    assert refused["inner"] == "cut together with the locked layer outer"


def test_weak_channels_go_first() -> None:
    model = _model()
    for name in ("w1", "b1"):
        value = model.graph.initializers[name]
        array = value.const_value.numpy().copy()
        array[[2, 5, 11]] *= 1e-6
        value.const_value = ir.Tensor(array, name=name)
    images = _images(4)
    result = _apply(Model(model.ir), _recipe(layers={"inner": LayerOverride(prune=3 / 16)}))
    np.testing.assert_allclose(
        open_session(result.model).run(None, {"image": images})[0],
        open_session(model).run(None, {"image": images})[0],
        atol=1e-4,
    )


@pytest.mark.parametrize("criterion", ["l1", "l2"])
def test_the_norm_is_taken_over_all_layers_that_make_a_channel(criterion: str) -> None:
    model = _model()
    order = {"l1": 1, "l2": 2}[criterion]
    norms = sum(
        (np.abs(model.constant(name).reshape(12, -1).astype(np.float64)) ** order).sum(axis=1)
        for name in ("w0", "w2", "w3")
    )
    kept = np.sort(np.argsort(-norms, kind="stable")[:6])
    result = _apply(model, _recipe(layers={"stem": LayerOverride(prune=0.5)}, criterion=criterion))
    np.testing.assert_array_equal(result.model.constant("w0"), model.constant("w0")[kept])


def test_batch_norm_falls_back_where_there_is_none_and_says_so() -> None:
    result = _apply(_model(), _recipe(0.5, criterion="batch_norm"))
    assert any("l2 was used" in note for note in result.notes)


@pytest.mark.parametrize(("round_to", "min_channels", "kept"), [(8, 1, 8), (1, 15, 15), (5, 1, 5)])
def test_widths_are_rounded_and_bounded(round_to: int, min_channels: int, kept: int) -> None:
    recipe = _recipe(layers={"inner": LayerOverride(prune=0.6)}, round_to=round_to, min_channels=min_channels)
    assert _weight_shapes(_apply(_model(), recipe).model)["inner"][0] == kept


def test_a_global_ranking_leaves_no_more_macs_than_the_ratios_would() -> None:
    model = _model()
    by_layer, ranked = (_apply(model, _recipe(0.4, scope=scope)).model for scope in ("layer", "global"))
    assert 0.8 * _macs(by_layer) < _macs(ranked) <= _macs(by_layer)
    assert _weight_shapes(by_layer) != _weight_shapes(ranked)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_target_of_macs_is_met(share: float) -> None:
    model = _model()
    macs = _macs(_apply(model, _recipe(0.5, target_macs=share)).model)
    assert macs <= share * _macs(model)


def test_a_target_that_cannot_be_met_is_told() -> None:
    result = _apply(_model(), _recipe(0.5, target_macs=0.001))
    assert any("not to 0%" in note for note in result.notes)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_the_prediction_of_a_share_of_the_macs_is_near(share: float) -> None:
    model, recipe = _model(), _recipe(0.5, target_macs=share)
    prediction = predict(summarise(model, name="net", path="", sha256="", file_bytes=0), recipe)
    assert prediction.cost.macs <= share * _macs(model)
    assert prediction.cost.macs == pytest.approx(_macs(_apply(model, recipe).model), rel=0.2)


def test_layers_that_compete_by_time_get_widths_that_are_fast(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model = _model()
    result = _apply(model, _recipe(0.4, scope="latency", target_macs=0.7))
    assert not result.notes
    assert _macs(result.model) <= 0.7 * _macs(model)
    whole = {layer.name: layer.output.size for layer in model.layers}
    assert all(layer.output.size % 8 == 0 or layer.output.size == whole[layer.name] for layer in result.model.layers)


def test_a_normalisation_that_stays_is_refitted_too() -> None:
    """Behind a Concat batch normalisation cannot be folded: after a cut its inputs have other statistics."""
    rng = np.random.default_rng(0)
    nodes = [
        helper.make_node("Conv", ["x", "w0"], ["a"], "stem"),
        helper.make_node("Conv", ["a", "w1"], ["b"], "left"),
        helper.make_node("Concat", ["a", "b"], ["c"], "concat", axis=1),
        helper.make_node("BatchNormalization", ["c", "scale", "offset", "mean", "var"], ["d"], "norm"),
        helper.make_node("Relu", ["d"], ["e"], "relu"),
        helper.make_node("Conv", ["e", "w2"], ["y"], "head"),
    ]
    shapes = {"w0": (8, 3, 1, 1), "w1": (12, 8, 1, 1), "w2": (4, 20, 1, 1)}
    constants = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    constants |= {name: rng.uniform(0.5, 2, 20).astype(np.float32) for name in ("scale", "offset", "mean", "var")}
    model = model_of(nodes, ("N", 3, 4, 4), constants)
    x = rng.standard_normal((64, 3, 4, 4)).astype(np.float32)
    calibration = DataCalibration(lambda: iter([{"x": x[:40]}]), 40, False, {})
    layers = {"stem": LayerOverride(prune=0.75)}
    plain, refitted = (
        PruneChannels().apply(model, _recipe(layers=layers, reconstruct=refit), calibration, SilentToken()).model
        for refit in (False, True)
    )
    assert not np.array_equal(refitted.constant("scale"), plain.constant("scale"))
    errors = [np.square(run(one, x[40:]) - run(model, x[40:])).mean() for one in (plain, refitted)]
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("group", [1, 2, 8])
@pytest.mark.parametrize("op_type", ["Conv", "ConvTranspose"])
def test_grouped_readers_are_refitted(op_type: str, group: int) -> None:
    rng = np.random.default_rng(group)
    nodes = [
        helper.make_node("Conv", ["x", "w0"], ["a"], "stem"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node(op_type, ["b", "w1", "b1"], ["c"], "middle", group=group, pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["d"], "relu2"),
        helper.make_node("Conv", ["d", "w2"], ["y"], "head"),
    ]
    shapes = {"w0": (8, 3, 1, 1), "w1": (8, 8 // group, 3, 3), "b1": (8,), "w2": (4, 8, 1, 1)}
    model = model_of(nodes, ("N", 3, 6, 6), {k: rng.standard_normal(v).astype(np.float32) for k, v in shapes.items()})
    x = rng.standard_normal((64, 3, 6, 6)).astype(np.float32)
    calibration = DataCalibration(lambda: iter([{"x": x[:40]}]), 40, False, {})
    layers = {"stem": LayerOverride(prune=0.25), "middle": LayerOverride(prune=0.25)}
    plain, refitted = (
        PruneChannels().apply(
            model, _recipe(layers=layers, reconstruct=refit, criterion="l2"), calibration, SilentToken()
        )
        for refit in (False, True)
    )
    # one whose channels are computed by themselves has nothing to make up for but the processor's rounding
    counts = ("1 of 2 layers", "2 of 2 layers") if group == 8 else ("2 of 2 layers",)
    assert refitted.notes[0].startswith(counts)
    errors = [np.square(run(one.model, x[40:]) - run(model, x[40:])).mean() for one in (plain, refitted)]
    assert errors[1] < 0.9 * errors[0]
    judged = PruneChannels().apply(model, _recipe(0.4, target_macs=0.6, reconstruct=True), calibration, SilentToken())
    assert judged.model.layers[0].output.size < 8


@pytest.mark.parametrize("samples", [1, 3, 9])
def test_batches_of_one_sample_are_enough(samples: int) -> None:
    single = [{"image": image[None]} for image in _images(samples)]
    calibration = DataCalibration(lambda: iter(single), samples, False, {})
    recipe = _recipe(0.4, reconstruct=True, target_macs=0.6)
    assert not any("not" in note for note in PruneChannels().apply(_model(), recipe, calibration, SilentToken()).notes)


def test_macs_after_a_cut_are_those_of_the_layers_that_are_left() -> None:
    model = _model()
    result = _apply(model, _recipe(0.5)).model
    groups = model.channels.groups
    kept = {group.id: group.channels - group.channels // 2 for group in groups if not group.refusal}
    assert macs_after(model.layers, groups, kept) == _macs(result)


def test_refitting_lowers_the_error() -> None:
    model, images = _model(), _images(64, seed=2)
    expected = open_session(model).run(None, {"image": images})[0]
    errors = []
    for reconstruct in (False, True):
        result = _apply(model, _recipe(0.4, reconstruct=reconstruct), _images(200))
        errors.append(float(np.square(open_session(result.model).run(None, {"image": images})[0] - expected).mean()))
    assert errors[1] < 0.5 * errors[0]
    assert result.notes == ("5 of 5 layers that read what the cut changed were refitted on calibration samples.",)


def test_choosing_by_reconstruction_beats_the_norm() -> None:
    model, images = _model(), _images(64, seed=2)
    expected = open_session(model).run(None, {"image": images})[0]
    errors = {}
    for criterion in ("l2", "reconstruction"):
        result = _apply(model, _recipe(0.4, reconstruct=True, criterion=criterion), _images(200)).model
        found = open_session(result).run(None, {"image": images})[0]
        errors[criterion] = float(np.square(found - expected).mean())
    assert errors["reconstruction"] < errors["l2"]


def test_equal_runs_give_equal_bytes() -> None:
    first, second = (_apply(_model(), _recipe(0.4, reconstruct=True)).model.to_bytes() for _ in range(2))
    assert first == second


def test_no_samples_leave_the_cut_as_it_is() -> None:
    model = _model()
    plain = _apply(model, _recipe(0.4)).model
    assert _apply(model, _recipe(0.4, reconstruct=True), _images(0)).model.to_bytes() == plain.to_bytes()


def test_samples_that_do_not_fit_the_model_are_a_note_not_a_failure() -> None:
    recipe = _recipe(0.4, reconstruct=True, criterion="reconstruction")
    notes = _apply(_model(), recipe, np.zeros((8, 5, 8, 8), np.float32)).notes
    assert [note.partition(":")[0] for note in notes] == [
        "The channels were not judged on the calibration samples",
        "What reads some channels cannot be refitted",
        "What reads the cut channels was not refitted",
    ]


def test_nothing_to_cut_is_an_error_with_the_reason() -> None:
    with pytest.raises(NothingChangedError, match="feeds the model's output"):
        _apply(_model(), _recipe(layers={"head": LayerOverride(prune=0.5)}))


def test_cancelling_is_heard_while_refitting() -> None:
    token = SilentToken()
    token.cancelled = True
    with pytest.raises(Cancelled):
        PruneChannels().apply(_model(), _recipe(0.4, reconstruct=True), _calibration(_images()), token)


def test_the_step_is_wanted_where_channels_are_asked_for() -> None:
    step, model = PruneChannels(), _model()
    assert step.wanted(model, _recipe(0.5))
    assert not step.wanted(model, _recipe())
    assert not step.wanted(model, _recipe(0.5, unit="weights"))


def test_refusals_name_layers_that_can_never_be_cut() -> None:
    refusals = PruneChannels().refusals(_model())
    assert list(refusals) == ["head"]
    assert "feeds the model's output logits" in refusals["head"]


@pytest.mark.corpus
def test_residual_net_is_cut_as_predicted(shared_data: Path) -> None:
    model = Model(ir.load(shared_data / "models" / "resnet20_cifar10.onnx"))
    recipe = _recipe(0.3)
    prediction = predict(summarise(model, name="net", path="", sha256="", file_bytes=0), recipe)
    result = _apply(model, recipe).model
    after = {layer.name: (layer.params, layer.macs) for layer in result.layers}
    assert after == {name: (cost.params, cost.macs) for name, cost in prediction.layers.items()}
    widths = {layer.name: layer.output.size for layer in result.layers}
    assert widths["/conv1/Conv"] == widths["/layer1/layer1.2/conv2/Conv"] == 11
    kept = [array_of(result.node(name).inputs[2]) for name in ("/conv1/Conv", "/layer1/layer1.0/conv2/Conv")]
    assert kept[0].shape == kept[1].shape
