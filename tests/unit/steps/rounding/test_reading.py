import numpy as np
import pytest
from onnx import helper

from desktop_app.core.progress import SilentToken
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.rounding.collecting import collect_moments
from desktop_app.steps.rounding.reading import as_rows, from_rows, moments_request
from desktop_app.steps.targets import find_weight
from tests.unit.steps.data_nets import layers
from tests.unit.steps.layer_nets import model_of, one_layer, run

RNG = np.random.default_rng(0)


def weight_of(model):
    found = find_weight(model, model.layers[0])
    assert not isinstance(found, str)
    return found


@pytest.mark.parametrize("name", layers())
def test_moments_tell_the_energy_of_the_outputs(name):
    model, samples, _ = layers()[name]
    weight = weight_of(model)
    calibration = DataCalibration(lambda: iter([{"x": samples[:7]}, {"x": samples[7:]}]), len(samples), False, {})
    ((key, moments),) = collect_moments(model, {"w": weight}, calibration, SilentToken())
    assert key == "w"
    rows = as_rows(weight, weight.tensor.numpy())
    energy = np.einsum("gok,gkl,gol->go", rows, moments.matrix, rows).ravel()
    axis = 1 if samples.ndim == 4 else -1
    shape = [1] * samples.ndim
    shape[axis] = -1
    without = run(model, samples) - model.constant("b").reshape(shape)
    others = tuple(one for one in range(without.ndim) if one != axis % without.ndim)
    np.testing.assert_allclose(energy, np.square(without.astype(np.float64)).mean(axis=others), rtol=1e-3)


@pytest.mark.parametrize("name", layers())
def test_rows_come_back_as_the_weight(name):
    weight = weight_of(layers()[name][0])
    array = weight.tensor.numpy()
    assert np.array_equal(from_rows(weight, as_rows(weight, array)), array)


def test_other_operators_have_no_rows():
    weight = RNG.normal(size=(8, 4, 3, 3))
    for model in (
        one_layer("ConvTranspose", (1, 8, 6, 6), weight),
        one_layer("Gemm", (8, 4), RNG.normal(size=(8, 5)), transA=1),
        model_of(
            [helper.make_node("Gather", ["w", "x"], ["y"], name="layer")],
            (3,),
            {"w": weight[:, :, 0, 0].astype(np.float32)},
        ),
    ):
        found = find_weight(model, model.layers[0])
        assert not isinstance(found, str)
        assert isinstance(moments_request(model, found, 10), str)
