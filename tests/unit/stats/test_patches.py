import numpy as np
import pytest
from onnx import helper

from desktop_app.core.progress import SilentToken
from desktop_app.stats.collector import collect
from desktop_app.stats.patches import PatchMomentsAccumulator, gather
from desktop_app.stats.requests import Covariance, StatisticRequest, Window
from tests.unit.steps.layer_nets import model_of, run

RNG = np.random.default_rng(0)

WINDOWS = {
    "plain": (Window((3, 3), (1, 1), (1, 1), (1, 1), (1, 1)), (8, 8)),
    "strided, uneven padding": (Window((3, 2), (2, 1), (1, 1), (0, 1), (1, 0)), (9, 7)),
    "dilated, grouped": (Window((3, 3), (1, 2), (2, 2), (2, 2), (2, 2), 2), (8, 9)),
    "one axis": (Window((4,), (2,), (1,), (1,), (1,)), (11,)),
    "depthwise": (Window((3, 3), (2, 2), (1, 1), (1, 1), (1, 1), 4), (8, 8)),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_patches_times_weights_are_the_convolution(name):
    window, sizes = WINDOWS[name]
    weight = RNG.normal(size=(8, 4 // window.groups, *window.kernel)).astype(np.float32)
    node = helper.make_node(
        "Conv",
        ["x", "w"],
        ["y"],
        strides=window.strides,
        dilations=window.dilations,
        pads=[*window.before, *window.after],
        group=window.groups,
    )
    x = RNG.normal(size=(3, 4, *sizes)).astype(np.float32)
    y = run(model_of([node], x.shape, {"w": weight}), x)
    grid = window.places(sizes)
    assert y.shape[2:] == grid
    rows = gather(x, window, np.unravel_index(np.arange(np.prod(grid)), grid))
    outputs = rows @ weight.reshape(window.groups, 8 // window.groups, -1).transpose(0, 2, 1)
    found = outputs.reshape(window.groups, 3, -1, 8 // window.groups).transpose(1, 0, 3, 2).reshape(y.shape)
    np.testing.assert_allclose(found, y, atol=1e-4)


def test_moments_are_those_of_all_patches_whatever_the_batches():
    window = WINDOWS["plain"][0]
    x = RNG.normal(size=(6, 4, 8, 8)).astype(np.float32) + 1
    rows = gather(x, window, np.unravel_index(np.arange(64), (8, 8)))[0].astype(np.float64)
    node = helper.make_node("Relu", ["x"], ["y"])
    request = StatisticRequest("x", "patch_moments", window=window)
    batches = [{"x": x[:1]}, {"x": x[1:]}]
    found = collect(model_of([node], ("n", 4, 8, 8), {}), [request], batches, SilentToken())[request]
    assert isinstance(found, Covariance)
    np.testing.assert_allclose(found.matrix[0], rows.T @ rows / len(rows), atol=1e-4)
    np.testing.assert_allclose(found.mean[0], rows.mean(axis=0), atol=1e-5)
    assert found.count == 6 * 64


def test_of_large_results_some_places_are_looked_at_the_same_in_every_run():
    window = Window((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    x = RNG.normal(size=(40, 2, 32, 32)).astype(np.float32) + 1

    def moments(places):
        accumulator = PatchMomentsAccumulator(window, places)
        for sample in x:
            accumulator.add(sample[None])
        return accumulator.result()

    some, every = moments(64), moments(1024)
    assert (some.count, every.count) == (40 * 64, 40 * 1024)
    assert np.abs(some.matrix - every.matrix).max() < 0.25
    assert np.array_equal(some.matrix, moments(64).matrix)


def test_an_image_smaller_than_the_kernel_has_no_patches():
    accumulator = PatchMomentsAccumulator(Window((5, 5), (1, 1), (1, 1), (0, 0), (0, 0)), 10)
    accumulator.add(np.ones((2, 3, 4, 4), np.float32))
    assert accumulator.result().count == 0
