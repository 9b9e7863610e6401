import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import helper, numpy_helper

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import LowRankMethod, Methods, Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.core.summary import ModelSummary
from desktop_app.graph.model import ORIGIN_KEY, Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.onnx_reader import read_model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.collector import collect
from desktop_app.steps.low_rank import LowRank

RNG = np.random.default_rng(0)


def one_layer(op_type, shape, weight, bias=None, opset=17, **attributes) -> Model:
    constants = [numpy_helper.from_array(weight.astype(np.float32), "w")]
    if bias is not None:
        constants.append(numpy_helper.from_array(bias.astype(np.float32), "b"))
    node = helper.make_node(op_type, ["x", *(one.name for one in constants)], ["y"], name="layer", **attributes)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        constants,
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return Model(ir.from_proto(proto))


def recipe(rank, **method) -> Recipe:
    return Recipe(defaults=LayerSettings(rank=rank), methods=Methods(low_rank=LowRankMethod(**method)))


def factored(model: Model, asked: Recipe, batches=()) -> Model:
    requests = LowRank().needs(model, asked)
    statistics = collect(model, requests, batches, SilentToken()) if batches and requests else {}
    calibration = DataCalibration(lambda: iter(batches), 8, False, statistics)
    return LowRank().apply(model, asked, calibration, SilentToken()).model


def run(model: Model, x: np.ndarray) -> np.ndarray:
    return open_session(model).run(None, {"x": x})[0]


def cost(model: Model) -> Cost:
    return sum((Cost(one.bytes, one.params, one.macs) for one in model.layers), Cost())


def predicted(model: Model, asked: Recipe) -> Cost:
    groups = model.channels.groups
    return predict(ModelSummary("", "", "", 0, 0, 1, Cost(), 17, "", (), (), model.layers, groups), asked).cost


def low_rank_matrix(rows: int, columns: int, rank: int) -> np.ndarray:
    return RNG.normal(size=(rows, rank)) @ RNG.normal(size=(rank, columns))


def separable_kernel(outputs, inputs, height, width, rank) -> np.ndarray:
    vertical, horizontal = RNG.normal(size=(rank, inputs, height)), RNG.normal(size=(outputs, rank, width))
    return np.einsum("rih,orw->oihw", vertical, horizontal)


def tucker_kernel(outputs, inputs, size, ranks) -> np.ndarray:
    core = RNG.normal(size=(ranks[1], ranks[0], size, size))
    return np.einsum(
        "bahw,ai,ob->oihw", core, RNG.normal(size=(ranks[0], inputs)), RNG.normal(size=(outputs, ranks[1]))
    )


GEMMS = [
    {"transB": 1},
    {"transB": 0},
    {"transB": 1, "alpha": 0.5, "beta": 2.0},
    {"transA": 1, "transB": 1},
    {"transA": 1, "transB": 0, "alpha": -1.5, "beta": 0.25},
]


@pytest.mark.parametrize("attributes", GEMMS)
@pytest.mark.parametrize("weighted", [True, False])
def test_a_gemm_of_low_rank_is_reproduced(attributes, weighted):
    weight = low_rank_matrix(24, 32, 5)
    stored = weight if attributes.get("transB") else weight.T
    shape = (32, 12) if attributes.get("transA") else (12, 32)
    model = one_layer("Gemm", shape, stored, RNG.normal(size=24), **attributes)
    x = RNG.normal(size=shape).astype(np.float32)
    result = factored(model, recipe(5, weighted=weighted), [{"x": x}])
    assert np.allclose(run(result, x), run(model, x), rtol=1e-3, atol=1e-3)
    assert cost(result) == predicted(model, recipe(5))
    assert result.layers[0].weight_shape == (32, 5)


def test_a_product_with_batches_is_reproduced():
    model = one_layer("MatMul", (2, 7, 20), low_rank_matrix(20, 30, 4))
    x = RNG.normal(size=(2, 7, 20)).astype(np.float32)
    result = factored(model, recipe(4), [{"x": x}])
    assert np.allclose(run(result, x), run(model, x), rtol=1e-3, atol=1e-3)
    assert cost(result) == predicted(model, recipe(4))


CONVOLUTIONS = [
    {"pads": [1, 1, 1, 1]},
    {"pads": [0, 2, 1, 0], "strides": [2, 1]},
    {"strides": [1, 3], "dilations": [2, 1], "pads": [1, 0, 3, 2]},
    {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
    {"auto_pad": "SAME_LOWER"},
    {"auto_pad": "VALID"},
]
KERNELS = {
    "channel": (low_rank_matrix(16, 12 * 9, 4).reshape(16, 12, 3, 3), 4),
    "spatial": (separable_kernel(16, 12, 3, 3, 6), 6),
    "tucker2": (tucker_kernel(16, 12, 3, (5, 5)), 5),
}


@pytest.mark.parametrize("attributes", CONVOLUTIONS)
@pytest.mark.parametrize("kind", KERNELS)
def test_a_convolution_of_low_rank_is_reproduced_whatever_its_geometry(kind, attributes):
    weight, rank = KERNELS[kind]
    model = one_layer("Conv", (1, 12, 11, 13), weight, RNG.normal(size=16), kernel_shape=[3, 3], **attributes)
    x = RNG.normal(size=(1, 12, 11, 13)).astype(np.float32)
    asked = recipe(rank, kind=kind, weighted=False)
    result = factored(model, asked)
    assert np.allclose(run(result, x), run(model, x), rtol=1e-3, atol=1e-2)
    assert cost(result) == predicted(model, asked)


@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize("bias", [True, False])
def test_weighing_by_the_data_is_better_on_them(kind, bias):
    weight = RNG.normal(size=(16, 12, 3, 3))
    model = one_layer("Conv", (4, 12, 9, 9), weight, RNG.normal(size=16) if bias else None, pads=[1] * 4)
    mixing = RNG.normal(size=(12, 12)) * np.geomspace(3.0, 0.05, 12)
    x = (np.einsum("ij,njhw->nihw", mixing, RNG.normal(size=(4, 12, 9, 9))) + 1.0).astype(np.float32)
    errors = {}
    for weighted in (True, False):
        result = factored(model, recipe(0.3, kind=kind, weighted=weighted), [{"x": x}])
        errors[weighted] = float(np.square(run(result, x) - run(model, x)).mean())
    assert errors[True] < errors[False]


def test_a_share_of_the_energy_chooses_the_rank():
    model = one_layer("Gemm", (4, 40), low_rank_matrix(40, 40, 6), transB=1)
    result = factored(model, recipe(0.9999999, measure="energy", weighted=False))
    assert result.layers[0].output.size == 6


def test_energy_that_takes_too_high_a_rank_says_which_rank_would_save():
    model = one_layer("Gemm", (4, 40), np.eye(40), transB=1)
    with pytest.raises(NothingChangedError, match="takes rank 36; it saves below 20"):
        factored(model, recipe(0.9, measure="energy", weighted=False))


def test_made_up_samples_do_not_weigh():
    model = one_layer("Gemm", (8, 20), RNG.normal(size=(20, 20)), transB=1)
    asked, x = recipe(5), RNG.normal(size=(8, 20)).astype(np.float32)
    statistics = collect(model, LowRank().needs(model, asked), [{"x": x}], SilentToken())
    made_up = DataCalibration(lambda: iter(()), 8, True, statistics)
    result = LowRank().apply(model, asked, made_up, SilentToken())
    assert result.model.to_bytes() == factored(model, recipe(5, weighted=False)).to_bytes()
    assert "made up" in result.notes[0]


def test_new_layers_are_found_by_the_old_name():
    model = one_layer("Gemm", (4, 20), RNG.normal(size=(20, 20)), transB=1)
    result = factored(model, recipe(5, weighted=False))
    assert [node.name for node in result.graph] == ["layer/rank_in", "layer/rank_out"]
    assert {node.metadata_props[ORIGIN_KEY] for node in result.graph} == {"layer"}
    assert [value.name for value in result.graph.outputs] == ["y"]


REFUSED = {
    "not finite": one_layer("Gemm", (4, 20), np.full((20, 20), np.inf), transB=1),
    "groups": one_layer("Conv", (1, 12, 9, 9), RNG.normal(size=(12, 6, 3, 3)), group=2),
    "ConvTranspose": one_layer("ConvTranspose", (1, 12, 9, 9), RNG.normal(size=(12, 12, 3, 3))),
    "would not save": one_layer("Gemm", (4, 20), RNG.normal(size=(20, 20)), transB=1),
    "transA needs opset 11": one_layer(
        "Gemm", (20, 4), RNG.normal(size=(20, 20)), RNG.normal(size=20), opset=9, transA=1
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refuses_with_the_reason(reason):
    with pytest.raises(NothingChangedError, match=reason):
        factored(REFUSED[reason], recipe(0.9 if reason == "would not save" else 2, weighted=False))


def test_a_weight_of_zeros_is_no_trouble():
    model = one_layer("Conv", (1, 12, 9, 9), np.zeros((12, 12, 3, 3)), pads=[1] * 4)
    x = RNG.normal(size=(1, 12, 9, 9)).astype(np.float32)
    for kind in KERNELS:
        assert not run(factored(model, recipe(2, kind=kind), [{"x": x}]), x).any()


@pytest.mark.corpus
def test_predicts_the_factorised_resnet(shared_data):
    model = read_model(shared_data / "models" / "resnet20_cifar10.onnx")
    asked = Recipe(
        defaults=LayerSettings(rank=0.5),
        layers={"/conv1/Conv": LayerOverride(rank=None)},
        methods=Methods(low_rank=LowRankMethod(weighted=False)),
    )
    result = factored(model, asked)
    assert (cost(result).params, cost(result).macs) == (predicted(model, asked).params, predicted(model, asked).macs)
    assert cost(result).macs < 0.7 * cost(model).macs
