import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import helper, numpy_helper

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import LowRankMethod, Methods
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.model import ORIGIN_KEY, Model
from desktop_app.io.onnx_reader import read_model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.collector import collect
from desktop_app.steps.base import StepResult
from desktop_app.steps.low_rank import LowRank
from desktop_app.steps.quantize_static import QuantizeStatic
from tests.unit.steps.told import cost, predicted, run

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


def low_rank_matrix(rows: int, columns: int, rank: int) -> np.ndarray:
    return RNG.normal(size=(rows, rank)) @ RNG.normal(size=(rank, columns))


def separable_kernel(outputs, inputs, height, width, rank) -> np.ndarray:
    vertical, horizontal = RNG.normal(size=(rank, inputs, height)), RNG.normal(size=(outputs, rank, width))
    return np.einsum("rih,orw->oihw", vertical, horizontal)


def cp_kernel(outputs, inputs, size, rank) -> np.ndarray:
    factors = RNG.normal(size=(outputs, rank)), RNG.normal(size=(rank, inputs)), RNG.normal(size=(rank, size, size))
    return np.einsum("or,ri,rhw->oihw", *factors)


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
    "cp": (cp_kernel(16, 12, 3, 3), 3),
}


@pytest.mark.parametrize("attributes", CONVOLUTIONS)
@pytest.mark.parametrize("kind", KERNELS)
def test_a_convolution_of_low_rank_is_reproduced_whatever_its_geometry(kind, attributes):
    weight, rank = KERNELS[kind]
    model = one_layer("Conv", (1, 12, 11, 13), weight, RNG.normal(size=16), kernel_shape=[3, 3], **attributes)
    x = RNG.normal(size=(1, 12, 11, 13)).astype(np.float32)
    asked = recipe(rank, kind=kind, weighted=False)
    result = factored(model, asked)
    assert decibel(run(result, x), run(model, x)) > (10.0 if kind == "cp" else 80.0)  # cp takes many turns
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


@pytest.mark.parametrize(("kernel", "shape"), [((3,), (6, 12, 30)), ((3, 3, 2), (6, 12, 6, 7, 5))])
@pytest.mark.parametrize("kind", ["channel", "tucker2", "cp"])
def test_kernels_of_one_and_three_axes(kernel, shape, kind):
    weight = RNG.normal(size=(16, 12, *kernel))
    model = one_layer("Conv", shape, weight, RNG.normal(size=16), kernel_shape=kernel, strides=[2] * len(kernel))
    x = RNG.normal(size=shape).astype(np.float32)
    result = factored(model, recipe(0.6, kind=kind, measure="size"), [{"x": x}])
    assert decibel(run(result, x), run(model, x)) > 1.0


def decibel(result: np.ndarray, reference: np.ndarray) -> float:
    noise = max(float(np.square(result - reference).sum()), 1e-30)
    return 10.0 * float(np.log10(np.square(reference).sum() / noise))


def deep(depth=3, channels=16, size=8, seed=3) -> Model:
    """Convolutions with a skip connection around the second half, as in residual nets, and a classifier."""
    rng = np.random.default_rng(seed)
    constants, nodes, read = [], [], "x"
    for number in range(depth):
        decay = np.geomspace(1.0, 0.05, channels)
        mixing = np.linalg.qr(rng.normal(size=(channels, channels)))[0] * decay
        weight = np.einsum("oc,cihw->oihw", mixing, rng.normal(size=(channels, channels, 3, 3))) / channels**0.5
        constants += [numpy_helper.from_array(weight.astype(np.float32), f"w{number}")]
        constants += [numpy_helper.from_array(rng.normal(size=channels).astype(np.float32) / 4, f"b{number}")]
        nodes.append(
            helper.make_node(
                "Conv", [read, f"w{number}", f"b{number}"], [f"c{number}"], name=f"conv{number}", pads=[1] * 4
            )
        )
        summed = f"c{number}"
        if number == depth // 2:
            nodes.append(helper.make_node("Add", [summed, read], ["sum"], name="add"))
            summed = "sum"
        nodes.append(helper.make_node("Relu", [summed], [f"r{number}"], name=f"relu{number}"))
        read = f"r{number}"
    nodes.append(helper.make_node("GlobalAveragePool", [read], ["pooled"], name="pool"))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"], name="flatten"))
    constants.append(numpy_helper.from_array(rng.normal(size=(10, channels)).astype(np.float32), "fc"))
    nodes.append(helper.make_node("Gemm", ["flat", "fc"], ["y"], name="classifier", transB=1))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", channels, size, size])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        constants,
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return Model(ir.from_proto(proto))


def inputs(seed: int, samples=24, channels=16, size=8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(np.random.default_rng(99).normal(size=(channels, channels)))[0]
    mixing = turned * np.geomspace(1.0, 0.1, channels)
    return np.einsum("oc,nchw->nohw", mixing, rng.normal(size=(samples, channels, size, size))).astype(np.float32)


class Times:
    """A machine on which chains of some kinds are slower than the layer."""

    def __init__(self, slow=("channel", "spatial", "tucker2", "cp", "svd")) -> None:
        self.slow = slow

    def times(self, system, factors):
        return 10.0, [20.0 if factor.kind in self.slow else 5.0 for factor in factors]


def low_rank(model: Model, asked: Recipe, batches, stopwatch=None, *, synthetic=False) -> StepResult:
    calibration = DataCalibration(lambda: iter(batches), 24, synthetic, {})
    return LowRank(stopwatch or Times(slow=())).apply(model, asked, calibration, SilentToken())


def batches_of(x: np.ndarray, size=8) -> list[dict[str, np.ndarray]]:
    return [{"x": x[start : start + size]} for start in range(0, len(x), size)]


def macs(model: Model) -> int:
    return sum(layer.macs for layer in model.layers)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("share", [0.4, 0.7])
def test_a_target_over_all_layers_is_reached_and_no_better_than_needed(share, weighted):
    model = deep()
    asked = recipe(None, target_macs=share, weighted=weighted, round_to=2)
    result = low_rank(model, asked, batches_of(inputs(0))).model
    assert share - 0.1 < macs(result) / macs(model) <= share + 1e-6
    assert predicted(model, asked).macs == pytest.approx(share * macs(model), rel=0.01)


def test_weighing_all_layers_is_better_on_other_samples_than_the_weights_alone():
    model, x = deep(), inputs(1)
    found = {}
    for weighted in (True, False):
        asked = recipe(None, target_macs=0.45, weighted=weighted, kind="spatial", round_to=2)
        found[weighted] = decibel(run(low_rank(model, asked, batches_of(inputs(0))).model, x), run(model, x))
    assert found[True] > found[False] + 1.0


def test_fitting_layer_after_layer_is_better_on_the_whole_than_each_by_itself():
    model, x = deep(), inputs(1, samples=64)
    found = {True: 0.0, False: 0.0}
    for kind in ("channel", "spatial", "tucker2", "cp"):
        for reconstruct in found:
            asked = recipe(0.45, kind=kind, measure="size", reconstruct=reconstruct)
            made = low_rank(model, asked, batches_of(inputs(0, samples=64))).model
            found[reconstruct] += decibel(run(made, x), run(model, x)) / 4
    assert found[True] > found[False] + 1.0


def test_a_run_writes_out_what_it_chose_and_that_replays_to_the_same_bytes():
    model, batches = deep(), batches_of(inputs(0))
    first = low_rank(model, recipe(None, target_macs=0.5), batches)
    assert first.recipe is not None
    assert first.recipe.methods.low_rank.chosen
    again = low_rank(model, first.recipe, batches, Times())
    assert again.model.to_bytes() == first.model.to_bytes()
    assert predicted(model, first.recipe).macs == macs(first.model)


def test_a_signal_to_noise_ratio_is_kept_with_fewer_operations_the_lower_it_is():
    model, x = deep(), inputs(1, samples=64)
    batches = batches_of(inputs(0, samples=64))
    spent = []
    for decibels in (20.0, 34.0):
        made = low_rank(model, recipe(None, target_sqnr_db=decibels, kind="spatial", round_to=2), batches).model
        assert decibel(run(made, x), run(model, x)) > decibels - 1.0
        spent.append(macs(made))
    assert spent[0] < spent[1] < macs(model)


def test_layers_that_would_become_slower_are_left_whole_where_ranks_are_chosen():
    asked, stopwatch = recipe(None, target_macs=0.5), Times(slow=("cp", "channel", "svd"))
    result = low_rank(deep(), asked, batches_of(inputs(0)), stopwatch)
    kinds = {outcome.reason.split(",")[0] for outcome in result.outcomes if "rank" in outcome.reason.split(",")[0]}
    assert not kinds & {"cp", "channel"}
    classifier = next(outcome for outcome in result.outcomes if outcome.layer == "classifier")
    assert classifier.reason.startswith(("slower: 20 us instead of 10", "no rank would save"))
    with pytest.raises(NothingChangedError, match="slower: 20 us instead of 10"):
        low_rank(deep(), recipe(None, target_macs=0.5), batches_of(inputs(0)), Times())


def test_a_rank_that_is_asked_for_is_given_and_said_to_be_slower():
    result = low_rank(deep(), recipe(4), batches_of(inputs(0)), Times())
    changed = [outcome for outcome in result.outcomes if outcome.changed]
    assert len(changed) == 4
    assert all(outcome.reason.endswith("slower: 20 us instead of 10") for outcome in changed)
    quick = low_rank(deep(), recipe(4, keep_faster=False), batches_of(inputs(0)), Times())
    assert not any("slower" in outcome.reason for outcome in quick.outcomes)


def test_locked_layers_and_those_with_a_rank_of_their_own_do_not_compete():
    model = deep()
    layers = {"conv0": LayerOverride(locked=True), "conv1": LayerOverride(rank=3)}
    asked = Recipe(layers=layers, methods=Methods(low_rank=LowRankMethod(target_macs=0.6)))
    result = low_rank(model, asked, batches_of(inputs(0)))
    assert np.array_equal(result.model.constant("w0"), model.constant("w0"))
    assert result.model.constant("conv1/rank_in.weight").shape[0] == 3
    assert macs(result.model) <= 0.6 * macs(model) + 1


def test_a_target_that_cannot_be_reached_is_said():
    result = low_rank(deep(), recipe(None, target_macs=0.001), batches_of(inputs(0)))
    assert "not to 0%" in result.notes[0]


def test_chosen_ranks_of_wide_layers_are_multiples_of_what_is_computed_at_once():
    model = one_layer("Conv", (2, 48, 5, 5), RNG.normal(size=(48, 48, 3, 3)), RNG.normal(size=48), pads=[1] * 4)
    seen = batches_of(inputs(0, 40, 48, 5), 2)
    result = low_rank(model, recipe(None, target_macs=0.6, keep_faster=False), seen)
    ranks = [layer.output.size for layer in result.model.layers if layer.name.endswith(("rank_in", "rank_core"))]
    assert ranks
    assert all(rank % 8 == 0 for rank in ranks)


@pytest.mark.parametrize("kind", ["channel", "spatial", "tucker2", "cp"])
def test_channels_that_never_change_and_fewer_samples_than_unknowns_are_no_trouble(kind):
    model = one_layer("Conv", (2, 12, 5, 5), RNG.normal(size=(12, 12, 3, 3)), RNG.normal(size=12), pads=[1] * 4)
    x = RNG.normal(size=(2, 12, 5, 5)).astype(np.float32)
    x[:, 3], x[:, 4] = 0.0, 7.0
    result = factored(model, recipe(0.5, kind=kind, measure="size"), [{"x": x}])
    assert np.isfinite(run(result, x)).all()
    assert decibel(run(result, x), run(model, x)) > 3.0


def test_samples_that_are_not_finite_leave_the_weights_to_decide():
    model = one_layer("Gemm", (8, 20), RNG.normal(size=(20, 20)), transB=1)
    x = np.full((8, 20), np.inf, np.float32)
    assert factored(model, recipe(5), [{"x": x}]).to_bytes() == factored(model, recipe(5, weighted=False)).to_bytes()


def test_a_layer_with_too_many_inputs_is_projected_on_its_outputs():
    wide = RNG.normal(size=(24, 5000)) * np.geomspace(1, 0.1, 24)[:, None]
    model = one_layer("Gemm", (60, 5000), wide, RNG.normal(size=24), transB=1)
    x = (RNG.normal(size=(60, 30)) @ RNG.normal(size=(30, 5000))).astype(np.float32)
    errors = {}
    for weighted in (True, False):
        result = factored(model, recipe(8, weighted=weighted), [{"x": x}])
        errors[weighted] = float(np.square(run(result, x) - run(model, x)).mean())
    assert errors[True] < errors[False]


@pytest.mark.parametrize("kind", ["channel", "spatial", "tucker2", "cp"])
def test_factors_are_quantised_as_any_layer(kind):
    model, x = deep(), inputs(1, samples=32)
    batches = batches_of(inputs(0, samples=32))
    small = low_rank(model, recipe(0.5, kind=kind, measure="size"), batches).model
    step, asked = QuantizeStatic(), Recipe(defaults=LayerSettings(bits=8))
    statistics = collect(small, step.needs(small, asked), batches, SilentToken())
    quantised = step.apply(small, asked, DataCalibration(lambda: iter(batches), 32, False, statistics), SilentToken())
    assert all(outcome.changed for outcome in quantised.outcomes if outcome.layer.startswith("conv"))
    assert decibel(run(quantised.model, x), run(small, x)) > 20.0


def test_a_size_takes_the_kind_with_the_least_error():
    kernels = {"cp": cp_kernel(16, 12, 3, 9), "spatial": separable_kernel(16, 12, 3, 3, 9)}
    for kind, weight in kernels.items():
        model = one_layer("Conv", (1, 12, 9, 9), weight, pads=[1] * 4)
        result = low_rank(model, recipe(0.5, measure="size", weighted=False), [])
        assert result.outcomes[0].reason.startswith(kind)
        assert macs(result.model) <= 0.5 * macs(model)


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
