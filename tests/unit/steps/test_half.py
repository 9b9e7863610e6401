import numpy as np
import pytest

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.steps.half import Half
from tests.unit.steps.layer_nets import apply, decibel, one_layer, run

RECIPE = Recipe(defaults=LayerSettings(bits=16))


def test_halves_the_weights_and_keeps_the_outputs():
    rng = np.random.default_rng(0)
    model = one_layer("Conv", (1, 16, 6, 6), rng.normal(size=(32, 16, 3, 3)))
    x = rng.normal(size=(1, 16, 6, 6)).astype(np.float32)
    result = apply(Half(), model, RECIPE).model
    assert decibel(run(model, x), run(result, x)) > 60
    assert (result.layers[0].bits, result.layers[0].bytes) == (16, model.layers[0].bytes // 2)
    assert result.layers[0].params == model.layers[0].params
    assert len(result.to_bytes()) < 0.55 * len(model.to_bytes())


def test_what_is_half_already_is_not_asked_again():
    model = one_layer("Gemm", (4, 64), np.ones((48, 64)), transB=1)
    assert Half().wanted(model, RECIPE)
    assert not Half().wanted(apply(Half(), model, RECIPE).model, RECIPE)


@pytest.mark.parametrize(("weight", "reason"), [(1e5, "beyond what 16 bits hold"), (np.nan, "not finite")])
def test_refuses_what_16_bits_do_not_hold(weight, reason):
    model = one_layer("Gemm", (4, 64), np.full((48, 64), weight), transB=1)
    with pytest.raises(NothingChangedError, match=reason):
        apply(Half(), model, RECIPE)
