from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from desktop_app.core.methods import Methods, PruneMethod, QuantizeMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.runtime import open_session
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.pack import Pack
from desktop_app.steps.prune_weights import PruneWeights
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.storage.few_bits import FewBits, write_few_bits
from desktop_app.steps.storage.sparse import Sparse
from tests.unit.steps.int8_nets import Net, batches_of, quantize, recipe_of
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


@pytest.mark.parametrize("opset", [13, 17])
@pytest.mark.parametrize("bits", [6, 4])
def test_few_bits_of_integer_layers_share_bytes_and_run_in_integers(opset, bits):
    recipe = recipe_of(bits, four_bits="integer")
    batches = batches_of((4, 3, 16, 16))
    model = quantize(wide_net(opset), batches, recipe).model
    packed = apply(Pack(), model, recipe)
    changed = {outcome.layer: outcome.reason for outcome in packed.outcomes if outcome.changed}
    assert changed == {"wide": f"stored in {bits} bits, computed in 8"}
    assert len(packed.model.to_bytes()) < len(model.to_bytes()) - 60 * 60 * 9 * (8 - bits) / 8 + 1500
    assert np.array_equal(*(open_session(one).run(None, dict(batches[0]))[0] for one in (model, packed.model)))
    layer = next(layer for layer in packed.model.layers if layer.name == "wide")
    assert (layer.bits, layer.params) == (bits, 60 * 61 * 9 + 61)
    operators = optimised(packed.model)
    assert operators.count("QLinearConv") == 2
    assert "Conv" not in operators


def test_weights_alone_are_stored_in_six_bits_too():
    recipe = recipe_of(6, activations=False)
    model = apply(QuantizeWeights(), wide_net(17), recipe).model
    packed = apply(Pack(), model, recipe).model
    layer = next(layer for layer in packed.layers if layer.name == "wide")
    assert (layer.bits, layer.params) == (6, 60 * 61 * 9 + 61)
    x = batches_of((4, 3, 16, 16))[0]
    one, two = (open_session(each).run(None, dict(x))[0] for each in (model, packed))
    np.testing.assert_array_equal(one, two)


@given(st.sampled_from([4, 6]), st.data())
def test_any_number_of_few_bits_comes_back(bits, data):
    half = 1 << bits - 1
    integers = data.draw(st.lists(st.integers(-half, half - 1), min_size=1, max_size=40))
    array = np.array(integers, np.int8)
    model = model_of([helper.make_node("Cast", ["w"], ["y"], to=onnx.TensorProto.FLOAT)], (1,), {"w": array})
    editor = GraphEditor(model)
    packed = FewBits.of(array, bits)
    assert packed.content.nbytes <= -(-len(integers) // 4) * bits / 2
    write_few_bits(editor, editor.graph.initializers["w"], packed)
    assert run(editor.finish(), np.zeros(1, np.float32)).tolist() == integers


@pytest.mark.parametrize(("bits", "half"), [(4, 8), (6, 32)])
def test_what_takes_more_bits_is_not_packed(bits, half):
    assert FewBits.of(np.array([half - 1, -half], np.int8), bits) is not None
    assert FewBits.of(np.array([half], np.int8), bits) is None
    assert FewBits.of(np.array([-half - 1], np.int8), bits) is None
    assert FewBits.of(np.array([1], np.int32), bits) is None


def wide_net(opset):
    """An odd number of weights in its second layer."""
    net = Net(opset)
    net.op("Relu", [net.conv("first", "x", 3, 60)], "a")
    net.conv("wide", "a", 60, 61)
    return net.model(["n", 3, 16, 16], "wide")


def optimised(model):
    with TemporaryDirectory() as folder:
        open_session(model, save_optimised_to=Path(folder) / "o.onnx")
        return [node.op_type for node in onnx.load(Path(folder) / "o.onnx").graph.node]
