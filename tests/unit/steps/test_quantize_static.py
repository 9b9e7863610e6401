from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import Cancelled, NothingChangedError
from desktop_app.core.progress import SilentToken
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.opening import open_data
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.onnx_reader import read_model
from desktop_app.stats.collector import collect
from desktop_app.steps.int8.saturation import PAIR_LIMIT, largest_pair
from desktop_app.steps.quantize_static import QuantizeStatic
from desktop_app.steps.quantize_weights import QuantizeWeights
from tests.unit.steps.int8_nets import Net, batches_of, mobile_net, quantize, recipe_of, residual_net, run, sqnr_db


def optimised_operators(model: Model, folder: Path) -> list[str]:
    open_session(model, save_optimised_to=folder / "o.onnx")
    return [node.op_type for node in onnx.load(folder / "o.onnx").graph.node]


def constants_of(model: Model, dtype: type) -> list[np.ndarray]:
    arrays = [value.const_value.numpy() for value in model.graph.initializers.values() if value.const_value is not None]
    return [array for array in arrays if array.dtype == dtype]


def test_everything_between_input_and_logits_is_fused(tmp_path: Path) -> None:
    batches = batches_of((8, 3, 16, 16))
    result = quantize(mobile_net(), batches)
    operators = optimised_operators(result.model, tmp_path)
    assert operators.count("QLinearConv") == 3
    assert operators.count("QGemm") == 1
    assert "QLinearGlobalAveragePool" in operators
    assert not {"Conv", "Gemm", "Clip", "DequantizeLinear"} & set(operators)
    assert all(outcome.changed for outcome in result.outcomes)
    assert sqnr_db(run(mobile_net(), batches[0]), run(result.model, batches[0])) > 25


def test_residual_additions_are_fused(tmp_path: Path) -> None:
    batches = batches_of((8, 3, 8, 8))
    result = quantize(residual_net(), batches)
    operators = optimised_operators(result.model, tmp_path)
    assert operators.count("QLinearConv") == 4
    assert "QLinearAdd" in operators
    assert "Relu" not in operators
    assert sqnr_db(run(residual_net(), batches[0]), run(result.model, batches[0])) > 25


def test_the_model_given_stays_as_it_is_and_the_result_is_the_same_every_time() -> None:
    model, batches = residual_net(), batches_of((4, 3, 8, 8))
    before = model.to_bytes()
    assert quantize(model, batches).model.to_bytes() == quantize(residual_net(), batches).model.to_bytes()
    assert model.to_bytes() == before


def test_portable_weights_never_saturate_and_compute_alike_everywhere() -> None:
    batches = batches_of((8, 3, 16, 16))
    model = quantize(mobile_net(), batches, recipe_of(scheme="portable")).model
    for name, packed in (("first", (0, 2, 3, 1)), ("pointwise", (0, 2, 3, 1)), ("classifier", (0, 1))):
        stored = model.constant(f"{name}.weight_q")
        assert largest_pair(stored.transpose(packed).reshape(len(stored), -1)) <= PAIR_LIMIT
    fused, simulated = run(model, batches[0]), run(model, batches[0], optimise=False)
    assert sqnr_db(simulated, fused) > 40


def test_nodes_and_outputs_keep_their_names() -> None:
    model = quantize(mobile_net(), batches_of((4, 3, 16, 16))).model
    assert {"first", "depthwise", "pointwise", "pooled", "flat"} <= {node.name for node in model.graph}
    assert [value.name for value in model.graph.outputs] == ["y"]
    assert open_session(model, outputs=["b"]).get_outputs()[1].type == "tensor(float)"


def test_nothing_is_left_over() -> None:
    model = quantize(mobile_net(), batches_of((4, 3, 16, 16))).model
    read = {value.name for node in model.graph for value in node.inputs if value is not None}
    assert set(model.graph.initializers) <= read
    made = {value.name for node in model.graph for value in node.outputs}
    assert made <= read | {value.name for value in model.graph.outputs}


def test_a_clip_that_saturation_does_not_imply_stays() -> None:
    net = Net()
    net.clip("a", net.conv("one", "x", 3, 4), -0.25, 0.5)
    net.conv("two", "x", 3, 4)
    net.op("Concat", ["a", "two"], "both", axis=1)
    net.conv("last", "both", 8, 4)
    model, batches = net.model(["n", 3, 8, 8], "last", "a"), batches_of((8, 3, 8, 8))
    result = quantize(model, batches)
    clipped = open_session(result.model).run(["a"], dict(batches[0]))[0]
    assert -0.27 < clipped.min() < -0.23
    assert 0.48 < clipped.max() < 0.52
    assert sqnr_db(run(model, batches[0]), run(result.model, batches[0])) > 25


def test_dynamic_batch_stays_dynamic() -> None:
    model = quantize(mobile_net(), batches_of((4, 3, 16, 16))).model
    assert run(model, batches_of((7, 3, 16, 16), 1)[0]).shape == (7, 10)


def test_only_the_layers_asked_for_change() -> None:
    model = mobile_net()
    recipe = recipe_of(bits=32).with_layer("pointwise", LayerSettings(bits=8))
    result = quantize(model, batches_of((4, 3, 16, 16)), recipe)
    assert [outcome.layer for outcome in result.outcomes] == ["pointwise"]
    assert np.array_equal(result.model.constant("first.weight"), model.constant("first.weight"))
    assert "pointwise.weight" not in result.model.graph.initializers


def test_bias_correction_restores_the_mean() -> None:
    model, batches = mobile_net(), batches_of((16, 3, 16, 16))
    result = quantize(model, batches)
    expected, given = run(model, batches[0]).mean(axis=0), run(result.model, batches[0]).mean(axis=0)
    assert np.abs(expected - given).max() < 0.004


def test_gemm_factors_are_multiplied_in() -> None:
    net = Net()
    inputs = ["x", net.weight("w", 6, 4), net.weight("b", 1, 4)]
    net.op("Gemm", inputs, "y", alpha=0.5, beta=2.0)
    model, batches = net.model(["n", 6], "y"), batches_of((64, 6))
    result = quantize(model, batches)
    assert sqnr_db(run(model, batches[0]), run(result.model, batches[0])) > 30


def test_layers_without_bias_and_matrix_products() -> None:
    net = Net()
    net.op("Conv", ["x", net.weight("w", 4, 3, 3, 3)], "conv")
    net.op("Relu", ["conv"], "a")
    net.op("Flatten", ["a"], "flat")
    net.op("MatMul", ["flat", net.weight("m", 4 * 36, 5)], "y")
    model, batches = net.model(["n", 3, 8, 8], "y"), batches_of((16, 3, 8, 8))
    result = quantize(model, batches)
    assert [outcome.changed for outcome in result.outcomes] == [True, True]
    assert sqnr_db(run(model, batches[0]), run(result.model, batches[0])) > 25


def test_what_onnx_runtime_would_fuse_otherwise_is_rounded_too(tmp_path: Path) -> None:
    net = Net()
    net.op("MatMul", ["x", net.weight("m", 8, 8)], "product")
    net.op("Add", ["product", net.weight("b", 8)], "y")
    result = quantize(net.model([4, 8], "y"), batches_of((4, 8)))
    assert "QLinearMatMul" in optimised_operators(result.model, tmp_path)


def test_layers_that_share_a_weight_go_on_sharing_it() -> None:
    net = Net()
    weight = net.weight("w", 4, 4, 3, 3)
    net.op("Conv", ["x", weight], "one", pads=[1] * 4)
    net.op("Conv", ["one", weight], "two", pads=[1] * 4)
    result = quantize(net.model(["n", 4, 8, 8], "two"), batches_of((4, 4, 8, 8)))
    assert len([array for array in constants_of(result.model, np.int8) if array.ndim == 4]) == 1


def test_dead_channels_do_not_overflow_the_bias() -> None:
    net = Net()
    weight = np.random.default_rng(0).standard_normal((4, 3, 1, 1)).astype(np.float32)
    weight[1] = 0.0
    weight[2] *= 1e-12
    inputs = ["x", net.constant("w", weight), net.constant("b", np.array([0.1, 3.0, -2.0, 0.0], np.float32))]
    net.op("Conv", inputs, "y")
    model, batches = net.model(["n", 3, 4, 4], "y"), batches_of((8, 3, 4, 4))
    result = quantize(model, batches)
    assert sqnr_db(run(model, batches[0]), run(result.model, batches[0])) > 30


def test_a_constant_input_range_is_harmless() -> None:
    model = mobile_net()
    zeros = [{"x": np.zeros((4, 3, 16, 16), np.float32)}]
    assert np.isfinite(run(quantize(model, zeros).model, zeros[0])).all()


def refused(net: Net, shape: Sequence[object], output: str) -> str:
    model = net.model(shape, output)
    with pytest.raises(NothingChangedError) as raised:
        quantize(model, batches_of([one if isinstance(one, int) else 2 for one in shape]))
    return str(raised.value)


def test_weights_that_are_not_finite_are_refused() -> None:
    net = Net()
    net.op("MatMul", ["x", net.constant("w", np.array([[1.0, np.nan]], np.float32))], "y")
    assert "finite" in refused(net, ["n", 1], "y")


def test_transposed_convolutions_are_refused() -> None:
    net = Net()
    net.op("ConvTranspose", ["x", net.weight("w", 3, 4, 2, 2)], "y")
    model = net.model(["n", 3, 4, 4], "y")
    assert "ConvTranspose" in QuantizeStatic().refusals(model)["y"]
    assert "ConvTranspose" in refused(net, ["n", 3, 4, 4], "y")


def test_a_layer_whose_input_is_transposed_is_refused() -> None:
    net = Net()
    net.op("Gemm", ["x", net.weight("w", 4, 4)], "y", transA=1)
    assert "transposes" in refused(net, [4, 2], "y")


def test_old_opsets_are_raised() -> None:
    net = Net(opset=9)
    net.op("Relu", [net.conv("one", "x", 3, 4)], "a")
    net.conv("two", "a", 4, 4)
    model, batches = net.model(["n", 3, 8, 8], "two"), batches_of((8, 3, 8, 8))
    result = quantize(model, batches)
    assert result.model.opset == 13
    assert sqnr_db(run(model, batches[0]), run(result.model, batches[0])) > 25


def test_weights_quantised_already_are_left_alone() -> None:
    model = quantize(mobile_net(), batches_of((4, 3, 16, 16))).model
    assert not QuantizeStatic().wanted(model, recipe_of())
    assert set(QuantizeStatic().refusals(model)) >= {"first", "pointwise"}


def test_wanted_only_with_activations_and_eight_bits() -> None:
    step, model = QuantizeStatic(), mobile_net()
    assert step.wanted(model, recipe_of())
    assert not step.wanted(model, recipe_of(bits=4))
    assert not step.wanted(model, recipe_of(activations=False))
    assert not step.wanted(model, recipe_of(activations="dynamic"))


def test_cancelling_stops_the_work() -> None:
    class Stopped(SilentToken):
        cancelled = True

    with pytest.raises(Cancelled):
        collect(mobile_net(), (), batches_of((2, 3, 16, 16)), Stopped())


@pytest.mark.corpus
@pytest.mark.parametrize("scheme", ["auto", "portable"])
def test_real_mobilenet_is_fused_and_agrees(shared_data: Path, tmp_path: Path, scheme: str) -> None:
    model = read_model(shared_data / "models" / "mobilenet_v1_0.75_224.onnx")
    preprocess = Preprocess(resize=256, crop=224, scale=127.5, mean=(1.0,), std=(1.0,))
    settings = DataSettings(path=str(shared_data / "imagenet-sample"), preprocess=preprocess, calibration=24)
    data = open_data(settings, inputs_of(open_session(model)), seed=0)
    batches = [batch.inputs for batch in data.batches(data.calibration_indices, 8)]
    result = quantize(model, batches, recipe_of(scheme=scheme, keep_faster=False))
    operators = optimised_operators(result.model, tmp_path)
    assert operators.count("QLinearConv") == 27
    assert operators.count("QGemm") == 1
    assert not {"Conv", "Clip", "DequantizeLinear"} & set(operators)
    assert len(result.model.to_bytes()) < 2_900_000
    seen = next(iter(data.batches(data.evaluation_indices[:24], 24))).inputs
    expected, given = run(model, seen), run(result.model, seen)
    assert (expected.argmax(axis=1) == given.argmax(axis=1)).mean() >= 0.9
    assert sqnr_db(expected, given) > 20


def test_shapes_that_later_layers_compute_with_stay_integers() -> None:
    """The Gather of one head's shape is read by the other head, behind the next layer."""
    net = Net(13)
    net.op("Shape", ["x"], "shape")
    net.op("Gather", ["shape", net.constant("first", np.array([0]))], "batch")
    net.constant("rest", np.array([-1]))
    for head in ("left", "right"):
        net.op("Concat", ["batch", "rest"], f"{head}_shape", axis=0)
        net.op("Reshape", [net.conv(head, "x", 3, 4), f"{head}_shape"], f"{head}_flat")
    batches = batches_of((4, 3, 8, 8))
    result = quantize(net.model(["n", 3, 8, 8], "left_flat", "right_flat"), batches)
    assert [outcome.changed for outcome in result.outcomes] == [True, True]


def test_six_bits_are_integers_unless_activations_stay_float() -> None:
    asked = recipe_of(6)
    result = quantize(residual_net(), batches_of((8, 3, 8, 8)), asked)
    assert {outcome.layer for outcome in result.outcomes if outcome.changed} == {"first", "inner", "outer", "last"}
    stored = constants_of(result.model, np.int8)
    assert all(one.min() >= -32 and one.max() <= 31 for one in stored)
    assert max(one.max() for one in stored) > 25
    assert not QuantizeWeights().wanted(residual_net(), asked)
    assert QuantizeWeights().wanted(residual_net(), recipe_of(6, weights_only=("inner",)))
    for activations in (False, "dynamic"):
        assert QuantizeWeights().wanted(residual_net(), recipe_of(6, activations=activations))
        assert not QuantizeStatic().wanted(residual_net(), recipe_of(6, activations=activations))


def test_four_bits_are_integers_only_where_that_is_asked() -> None:
    batches = batches_of((8, 3, 8, 8))
    asked = recipe_of(4, four_bits="integer")
    result = quantize(residual_net(), batches, asked)
    assert {outcome.layer for outcome in result.outcomes if outcome.changed} == {"first", "inner", "outer", "last"}
    stored = constants_of(result.model, np.int8)
    assert all(one.min() >= -8 and one.max() <= 7 for one in stored)
    assert max(one.max() for one in stored) == 7
    assert not QuantizeStatic().wanted(residual_net(), recipe_of(4))
    assert not QuantizeWeights().wanted(residual_net(), asked)
    assert QuantizeWeights().wanted(residual_net(), recipe_of(4, four_bits="integer", weights_only=("inner",)))
    assert QuantizeWeights().wanted(residual_net(), recipe_of(4, four_bits="integer", activations=False))
