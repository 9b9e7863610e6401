import numpy as np
import onnx
import pytest
from onnx import helper

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import Methods, QuantizeMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.runtime import open_session
from desktop_app.steps.quantize_dynamic import QuantizeDynamic
from tests.unit.steps.layer_nets import apply, decibel, model_of, one_layer, run

RNG = np.random.default_rng(0)
RECIPE = Recipe(defaults=LayerSettings(bits=8), methods=Methods(quantize=QuantizeMethod(activations="dynamic")))


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    "attributes", [{"transB": 1}, {"transB": 0}, {"transB": 1, "alpha": 0.5, "beta": 3.0}, {"alpha": -2.0}]
)
def test_a_gemm_runs_on_integers(attributes):
    weight = normal(48, 64) if attributes.get("transB") else normal(64, 48)
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], name="layer", **attributes)
    model = model_of([node], (4, 64), {"w": weight, "b": normal(48)})
    result = apply(QuantizeDynamic(), model, RECIPE).model
    x = normal(4, 64)
    assert decibel(run(model, x), run(result, x)) > 28
    before, after = model.layers[0], result.layers[0]
    assert (after.origin, after.bits, after.params, after.macs) == ("layer", 8, before.params, before.macs)
    assert after.bytes < 0.35 * before.bytes


def test_products_that_read_the_same_value_quantise_it_once(tmp_path):
    nodes = [helper.make_node("MatMul", ["x", name], [f"{name}_out"], name=name) for name in "qk"]
    nodes.append(helper.make_node("Add", ["q_out", "k_out"], ["y"]))
    model = model_of(nodes, (2, 5, 64), {name: normal(64, 48) for name in "qk"})
    result = apply(QuantizeDynamic(), model, RECIPE).model
    assert [node.op_type for node in result.graph].count("DynamicQuantizeLinear") == 1
    open_session(result, save_optimised_to=tmp_path / "optimised.onnx")
    optimised = {node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node}
    assert "MatMulIntegerToFloat" in optimised
    assert "MatMulInteger" not in optimised


REFUSED = {
    "six times slower": one_layer("Conv", (1, 8, 6, 6), normal(8, 8, 3, 3)),
    "transposes its input": one_layer("Gemm", (64, 4), normal(64, 48), transA=1),
    "need opset 11": one_layer("MatMul", (4, 64), normal(64, 48), opset=10),
    "not all finite": one_layer("MatMul", (4, 64), np.full((64, 48), np.inf)),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refuses_with_the_reason(reason):
    with pytest.raises(NothingChangedError, match=reason):
        apply(QuantizeDynamic(), REFUSED[reason], RECIPE)
