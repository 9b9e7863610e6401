import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from desktop_app.core.recipe import Methods, PruneMethod, QuantizeMethod, Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.runtime import open_session
from desktop_app.steps.pack import Pack
from desktop_app.steps.prune_weights import PruneWeights
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.storage.sparse import Sparse
from tests.unit.steps.layer_nets import apply, model_of, one_layer, run

RNG = np.random.default_rng(0)


def asked(prune, bits=32) -> Recipe:
    methods = Methods(prune=PruneMethod(unit="weights"), quantize=QuantizeMethod(activations=False))
    return Recipe(defaults=LayerSettings(prune=prune, bits=bits), methods=methods)


def convolution(opset=17):
    return one_layer("Conv", (1, 32, 6, 6), RNG.normal(size=(64, 32, 3, 3)), opset=opset)


@pytest.mark.parametrize("bits", [32, 8])
def test_pruned_weights_become_smaller_and_stay_equal(bits, tmp_path):
    recipe = asked(0.8, bits)
    model = apply(PruneWeights(), convolution(), recipe).model
    if bits == 8:
        model = apply(QuantizeWeights(), model, recipe).model
    packed = apply(Pack(), model, recipe).model
    x = RNG.normal(size=(1, 32, 6, 6)).astype(np.float32)
    assert np.array_equal(run(packed, x), run(model, x))
    assert len(packed.to_bytes()) < (0.3 if bits == 32 else 0.55) * len(model.to_bytes())
    before, after = model.layers[0], packed.layers[0]
    assert (after.params, after.macs, after.bits) == (before.params, before.macs, bits)
    assert after.bytes < 0.5 * before.bytes
    open_session(packed, save_optimised_to=tmp_path / "optimised.onnx")
    optimised = onnx.load(tmp_path / "optimised.onnx")
    assert {node.op_type for node in optimised.graph.node} <= {"Conv", "ReorderInput", "ReorderOutput"}


@pytest.mark.parametrize("share", [0.5, 0.97])
@pytest.mark.parametrize("shape", [(64, 32, 3, 3), (61, 31, 3, 3)])
def test_bits_or_gaps_tell_where_values_are(share, shape):
    model = one_layer("Conv", (1, shape[1], 6, 6), RNG.normal(size=shape))
    recipe = asked(share)
    pruned = apply(PruneWeights(), model, recipe).model
    packed = apply(Pack(), pruned, recipe).model
    x = RNG.normal(size=(1, shape[1], 6, 6)).astype(np.float32)
    assert np.array_equal(run(packed, x), run(pruned, x))
    assert np.array_equal(run(packed, x, optimise=False), run(pruned, x, optimise=False))
    least = min(1 - share + 1 / 32, (1 - share) * 5 / 4)
    assert len(packed.to_bytes()) < least * len(pruned.to_bytes()) + 1500
    assert ("ScatterElements" in {node.op_type for node in packed.graph}) == (share > 0.9)


def test_half_of_eight_bits_is_smaller_sparse():
    recipe = asked(0.5, 8)
    model = apply(QuantizeWeights(), apply(PruneWeights(), convolution(), recipe).model, recipe).model
    packed = apply(Pack(), model, recipe).model
    assert len(packed.to_bytes()) < 0.75 * len(model.to_bytes())
    assert packed.layers[0].bits == 8


def test_few_zeros_stay_dense():
    recipe = asked(0.05)
    model = apply(PruneWeights(), convolution(), recipe).model
    assert not Pack().wanted(model, recipe)


def test_old_operators_stay_dense():
    recipe = asked(0.9)
    model = apply(PruneWeights(), convolution(opset=10), recipe).model
    assert not Pack().wanted(model, recipe)


def test_equal_constants_are_stored_once_and_unused_ones_not_at_all():
    weight = RNG.normal(size=(32, 32)).astype(np.float32)
    nodes = [helper.make_node("MatMul", ["x", "a"], ["h"]), helper.make_node("MatMul", ["h", "b"], ["y"])]
    model = model_of(nodes, (4, 32), {"a": weight, "b": weight.copy(), "c": weight + 1})
    recipe = Recipe(defaults=LayerSettings(bits=16))
    result = apply(Pack(), model, recipe)
    assert list(result.model.graph.initializers) == ["a"]
    assert "1 equal and 1 unused" in result.notes[0]
    x = RNG.normal(size=(4, 32)).astype(np.float32)
    assert np.array_equal(run(result.model, x), run(model, x))
    assert not Pack().wanted(model, Recipe())


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(-5, 5)), max_size=12), st.integers(1, 300))
def test_gaps_and_values_give_the_tensor_back(runs, tail):
    parts = [np.array([*([0] * zeros), value], np.int8) for zeros, value in runs]
    array = np.concatenate([*parts, np.zeros(tail, np.int8)])
    sparse = Sparse.of(array)
    rebuilt = np.zeros_like(array)
    rebuilt[np.cumsum(sparse.gaps.astype(np.int64))] = sparse.values
    assert np.array_equal(rebuilt, array)
