import numpy as np
import pytest
from onnx import helper

from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.steps.prune_weights import PruneWeights
from tests.unit.steps.data_nets import apply_on, images, vectors, weight
from tests.unit.steps.layer_nets import decibel, model_of, run

METHODS = Methods(prune=PruneMethod(unit="weights", criterion="sparsegpt"))
ALL = Recipe(defaults=LayerSettings(prune=0.6), methods=METHODS)


def two_products(skip: bool):
    """Two matrix products with a rectifier between them; the input may be added to the sum."""
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["h"], name="first"),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "v", "c"], ["s" if skip else "y"], name="second"),
    ]
    nodes += [helper.make_node("Add", ["s", "x"], ["y"])] if skip else []
    sizes = {"w": (64, 96), "b": (96,), "v": (96, 64), "c": (64,)}
    return model_of(nodes, ("n", 64), {name: weight(*size) for name, size in sizes.items()})


@pytest.mark.parametrize("skip", [False, True])
def test_a_layer_makes_up_for_those_before_it(skip):
    model, samples, others = two_products(skip), vectors(0, 2000), vectors(1)
    together = apply_on(PruneWeights(), model, ALL, samples).model
    only = {name: {"layers": {other: LayerOverride(prune=0.0)}} for name, other in (("w", "second"), ("v", "first"))}
    alone = model.clone()
    for name, change in only.items():
        part = apply_on(PruneWeights(), model, Recipe(defaults=ALL.defaults, methods=METHODS, **change), samples).model
        alone.graph.initializers[name].const_value = part.graph.initializers[name].const_value
        bias = {"w": "b", "v": "c"}[name]
        alone.graph.initializers[bias].const_value = part.graph.initializers[bias].const_value
    expected = run(model, others)
    assert decibel(expected, run(together, others)) > decibel(expected, run(alone, others)) + 0.5
    assert [(together.constant(name) == 0).mean() for name in "wv"] == pytest.approx([0.6, 0.6], abs=0.01)


@pytest.mark.parametrize("scope", ["layer", "global"])
def test_a_channel_is_worth_the_same_at_any_scale(scope):
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], name="layer", group=8, pads=[1] * 4)
    scales = np.logspace(0, -2, 8, dtype=np.float32)[:, None, None, None]
    kernels = weight(8, 1, 3, 3)
    found = []
    for scale in (1.0, scales):
        model = model_of([node], ("n", 8, 8, 8), {"w": kernels * scale, "b": weight(8)})
        recipe = Recipe(defaults=LayerSettings(prune=0.5), methods=METHODS)
        method = PruneMethod(unit="weights", criterion="sparsegpt", scope=scope)  # type: ignore[arg-type]
        recipe = Recipe(defaults=recipe.defaults, methods=Methods(prune=method))
        pruned = apply_on(PruneWeights(), model, recipe, images(0)).model
        found.append(pruned.constant("w") == 0)
    assert (found[0] == found[1]).mean() > 0.9
    assert found[1].reshape(8, 9).sum(axis=1).max() < 9


def test_the_bias_behind_a_matrix_product_is_fitted_too():
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], name="layer"),
        helper.make_node("Add", ["h", "b"], ["y"]),
    ]
    model = model_of(nodes, ("n", 64), {"w": weight(64, 48), "b": weight(48)})
    samples = vectors(0)
    pruned = apply_on(PruneWeights(), model, ALL, samples).model
    before, after = run(model, samples), run(pruned, samples)
    assert not np.array_equal(pruned.constant("b"), model.constant("b"))
    np.testing.assert_allclose(after.mean(axis=0), before.mean(axis=0), atol=0.01 * before.std())
