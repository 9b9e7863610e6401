import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import Methods, QuantizeMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.runtime import open_session
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.storage.stored import pack_bits
from tests.unit.steps.layer_nets import apply, decibel, model_of, one_layer, run

RNG = np.random.default_rng(0)
WEIGHTS_ONLY = Methods(quantize=QuantizeMethod(activations=False))


def asked(bits, **layers) -> Recipe:
    return Recipe(defaults=LayerSettings(bits=bits), methods=WEIGHTS_ONLY, layers=layers)


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


LAYERS = {
    "Conv": (one_layer("Conv", (1, 32, 6, 6), normal(16, 32, 3, 3)), normal(1, 32, 6, 6)),
    "Conv of any inputs": (one_layer("Conv", (1, 7, 6, 6), normal(16, 7, 3, 3)), normal(1, 7, 6, 6)),
    "odd number of weights": (one_layer("Conv", (1, 19, 6, 6), normal(19, 19, 3, 3)), normal(1, 19, 6, 6)),
    "ConvTranspose": (one_layer("ConvTranspose", (1, 32, 6, 6), normal(32, 16, 3, 3)), normal(1, 32, 6, 6)),
    "Gemm": (one_layer("Gemm", (4, 64), normal(48, 64), transB=1), normal(4, 64)),
    "Gemm as stored by Keras": (one_layer("Gemm", (4, 64), normal(64, 48)), normal(4, 64)),
    "MatMul": (one_layer("MatMul", (2, 3, 64), normal(64, 48)), normal(2, 3, 64)),
    "MatMul with batches": (one_layer("MatMul", (3, 5, 64), normal(3, 64, 48)), normal(3, 5, 64)),
    "old operators": (one_layer("Conv", (1, 32, 6, 6), normal(16, 32, 3, 3), opset=7), normal(1, 32, 6, 6)),
}


@pytest.mark.parametrize(("bits", "least"), [(8, 38.0), (4, 17.0), (2, 5.0)])
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_stay_close_and_the_file_gets_smaller(name, bits, least):
    model, x = LAYERS[name]
    result = apply(QuantizeWeights(), model, asked(bits)).model
    assert decibel(run(model, x), run(result, x)) > least
    assert np.allclose(run(result, x), run(result, x, optimise=False), rtol=1e-3, atol=1e-3)
    assert len(result.to_bytes()) < (bits + 1.5) / 32 * len(model.to_bytes()) + 2000
    before, after = model.layers[0], result.layers[0]
    assert (after.bits, after.params, after.macs) == (bits, before.params, before.macs)
    assert sorted(after.weight_shape) == sorted(before.weight_shape)
    assert after.bytes < (bits + 2.5) / 32 * before.bytes


def test_onnx_runtime_folds_the_decoder(tmp_path):
    model, _ = LAYERS["Gemm"]
    for bits in (8, 4, 2):
        method = QuantizeMethod(activations=False, matmul="float")
        recipe = Recipe(defaults=LayerSettings(bits=bits), methods=Methods(quantize=method))
        result = apply(QuantizeWeights(), model, recipe).model
        open_session(result, save_optimised_to=tmp_path / "optimised.onnx")
        optimised = onnx.load(tmp_path / "optimised.onnx")
        assert [node.op_type for node in optimised.graph.node] == ["Gemm"]


def test_both_weights_of_a_recurrent_layer_are_rounded():
    node = helper.make_node("LSTM", ["x", "w", "r"], ["", "y"], name="layer", hidden_size=32)
    model = model_of([node], (5, 2, 64), {"w": normal(1, 128, 64) * 0.1, "r": normal(1, 128, 32) * 0.1})
    x = normal(5, 2, 64)
    for bits in (8, 4):
        result = apply(QuantizeWeights(), model, asked(bits)).model
        assert decibel(run(model, x), run(result, x)) > 4 * bits
        assert result.layers[0].params == model.layers[0].params
        assert result.layers[0].bytes < model.layers[0].bytes * bits / 24


def test_an_embedding_keeps_one_scale_for_each_row():
    node = helper.make_node("Gather", ["w", "x"], ["y"], name="layer")
    table = normal(100, 32) * np.geomspace(0.01, 10, 100, dtype=np.float32)[:, None]
    model = model_of([node], (3,), {"w": table}, dtype=onnx.TensorProto.INT64)
    result = apply(QuantizeWeights(), model, asked(8)).model
    ids = np.array([0, 50, 99])
    for row, rounded in zip(table[ids], run(result, ids), strict=True):
        assert decibel(row, rounded) > 35
    assert result.layers[0].bits == 8


def shared() -> list[onnx.NodeProto]:
    first = helper.make_node("MatMul", ["x", "w"], ["h"], name="first")
    return [first, helper.make_node("MatMul", ["h", "w"], ["y"], name="second")]


def test_a_shared_weight_is_stored_once():
    model = model_of(shared(), (4, 64), {"w": normal(64, 64)})
    result = apply(QuantizeWeights(), model, asked(8))
    assert [outcome.changed for outcome in result.outcomes] == [True, True]
    assert len(result.model.to_bytes()) < 64 * 64 * 1.4


def test_a_weight_shared_with_a_locked_layer_stays():
    model = model_of(shared(), (4, 64), {"w": normal(64, 64)})
    with pytest.raises(NothingChangedError, match="shares its weight with second"):
        apply(QuantizeWeights(), model, asked(8, second=LayerOverride(locked=True)))


REFUSED = {
    "not finite": one_layer("Gemm", (4, 64), np.full((48, 64), np.nan), transB=1),
    "would not become smaller": one_layer("Conv", (1, 1, 6, 6), normal(8, 1, 1, 1)),
    "needs opset 10": one_layer("Conv", (1, 19, 6, 6), normal(19, 19, 3, 3), opset=9),
    "opset 6 cannot decode": one_layer("Conv", (1, 32, 6, 6), normal(16, 32, 3, 3), opset=6),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refuses_with_the_reason(reason):
    with pytest.raises(NothingChangedError, match=reason):
        apply(QuantizeWeights(), REFUSED[reason], asked(4 if reason == "needs opset 10" else 8))


def test_eight_bits_are_left_to_others_while_activations_are_quantised():
    model, _ = LAYERS["Gemm"]
    assert not QuantizeWeights().wanted(model, Recipe(defaults=LayerSettings(bits=8)))
    assert QuantizeWeights().wanted(model, Recipe(defaults=LayerSettings(bits=4)))
    assert not QuantizeWeights().wanted(apply(QuantizeWeights(), model, asked(8)).model, asked(8))


@settings(max_examples=30)
@given(st.integers(1, 200), st.sampled_from([4, 2]), st.integers(0, 2**32 - 1))
def test_packed_integers_come_out_in_order(count, bits, seed):
    integers = np.random.default_rng(seed).integers(-(1 << bits - 1), 1 << bits - 1, count).astype(np.int8)
    packed, each = pack_bits(integers, bits), 8 // bits
    assert len(packed) == -(-count // each)
    apart = (packed[:, None] >> (bits * np.arange(each))) % (1 << bits)
    assert np.array_equal(apart.ravel()[:count].astype(int) - (1 << bits - 1), integers)
