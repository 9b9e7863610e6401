import numpy as np
import pytest

from desktop_app.core.methods import Methods, PruneMethod, QuantizeMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.steps.prune_weights import PruneWeights
from desktop_app.steps.quantize_weights import QuantizeWeights
from tests.unit.steps.data_nets import apply_on, layers
from tests.unit.steps.layer_nets import decibel, run

LAYERS = layers()


def asked(bits, rounding="auto", block="auto", prune=0.0, matmul="auto") -> Recipe:
    quantize = QuantizeMethod(activations=False, rounding=rounding, block=block, matmul=matmul)
    methods = Methods(quantize=quantize, prune=PruneMethod(unit="weights"))
    return Recipe(defaults=LayerSettings(bits=bits, prune=prune), methods=methods)


@pytest.mark.parametrize("bits", [8, 4, 2])
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_on_other_samples_lose_less_than_by_rounding_to_the_nearest(name, bits):
    model, samples, others = LAYERS[name]
    expected = run(model, others)
    against = apply_on(QuantizeWeights(), model, asked(bits, "gptq", None), samples).model
    nearest = apply_on(QuantizeWeights(), model, asked(bits, "nearest", None), samples).model
    assert decibel(expected, run(against, others)) > decibel(expected, run(nearest, others)) + 2
    assert len(against.to_bytes()) <= len(nearest.to_bytes()) + 64


@pytest.mark.parametrize("name", LAYERS)
def test_the_mean_of_every_channel_is_kept(name):
    model, samples, _ = LAYERS[name]
    result = apply_on(QuantizeWeights(), model, asked(2), samples).model
    axes = (0, 2, 3) if name in ("Conv", "depthwise") else (0,)
    before, after = run(model, samples), run(result, samples)
    np.testing.assert_allclose(after.mean(axis=axes), before.mean(axis=axes), atol=0.01 * before.std())


def test_smaller_blocks_lose_less():
    model, samples, others = LAYERS["Gemm"]
    found = [apply_on(QuantizeWeights(), model, asked(4, block=block), samples).model for block in (None, 32, 8)]
    signal = [decibel(run(model, others), run(one, others)) for one in found]
    assert signal == sorted(signal)
    sizes = [len(one.to_bytes()) for one in found]
    assert sizes == sorted(sizes)


def test_made_up_samples_are_rounded_against_only_where_that_is_asked():
    model, samples, _ = LAYERS["Gemm"]
    auto = apply_on(QuantizeWeights(), model, asked(4), samples, synthetic=True)
    nearest = apply_on(QuantizeWeights(), model, asked(4, "nearest"), samples)
    assert auto.model.to_bytes() == nearest.model.to_bytes()
    wished = apply_on(QuantizeWeights(), model, asked(4, "gptq"), samples, synthetic=True)
    assert any("made up" in note for note in wished.notes)
    without = apply_on(QuantizeWeights(), model, asked(4, "gptq"), samples[:0])
    assert any("no calibration samples" in note for note in without.notes)


@pytest.mark.parametrize("block", [None, 16, "auto"])
@pytest.mark.parametrize("name", LAYERS)
def test_pruned_weights_stay_zero_when_they_are_rounded(name, block):
    model, samples, others = LAYERS[name]
    pruned = apply_on(PruneWeights(), model, asked(4, prune=0.5), samples).model
    zeros = pruned.constant("w") == 0
    result = apply_on(QuantizeWeights(), pruned, asked(4, block=block, prune=0.5, matmul="float"), samples).model
    assert zeros.mean() > 0.45
    matrix = run(result, others) - run(result, np.zeros_like(others))
    assert decibel(run(pruned, others) - run(pruned, np.zeros_like(others)), matrix) > 12
    assert np.all(decoded(result)[zeros] == 0)


def decoded(model):
    """The weight as the layer reads it."""
    from desktop_app.graph.runtime import open_session

    name = model.node("layer").inputs[1].name
    session = open_session(model, outputs=[name], optimise=False)
    (value,) = session.get_inputs()
    shape = [one if isinstance(one, int) else 1 for one in value.shape]
    return session.run([name], {value.name: np.zeros(shape, np.float32)})[0]


@pytest.mark.parametrize("name", ["Gemm", "MatMul"])
def test_products_that_read_four_bits_give_what_decoded_weights_give(name):
    model, samples, others = LAYERS[name]
    found = {}
    for matmul in ("packed", "float"):
        found[matmul] = apply_on(QuantizeWeights(), model, asked(4, block=16, matmul=matmul), samples).model
    packed = found["packed"]
    assert [node.op_type for node in packed.graph] == ["MatMulNBits", "Add"]
    decoded = run(found["float"], others)
    assert decibel(decoded, run(packed, others)) > 30
    np.testing.assert_allclose(run(packed, others, optimise=False), run(packed, others), atol=1e-4)
    before, after = model.layers[0], packed.layers[0]
    assert (after.origin, after.bits, after.params, after.macs) == ("layer", 4, before.params, before.macs)
    assert after.bytes < before.bytes / 4


def test_says_what_is_left_of_the_output():
    model, samples, _ = LAYERS["Gemm"]
    (outcome,) = apply_on(QuantizeWeights(), model, asked(4), samples).outcomes
    assert "dB at its output" in outcome.reason
    (outcome,) = apply_on(QuantizeWeights(), model, asked(4, "nearest"), samples).outcomes
    assert "dB of its weights" in outcome.reason
