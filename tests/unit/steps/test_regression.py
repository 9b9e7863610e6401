import numpy as np
import pytest

from desktop_app.steps.channel_pruning.least_squares import NormalEquations
from desktop_app.steps.factorisation.regression import by_outputs, fitted, unchanged_inputs, weight_alone
from desktop_app.steps.factorisation.systems import System, system_of
from desktop_app.steps.targets import find_weight
from tests.unit.steps.test_low_rank import one_layer

RNG = np.random.default_rng(0)
WEIGHT, BIAS = RNG.normal(size=(6, 8)), RNG.normal(size=6)


def gemm(**attributes: object) -> System:
    model = one_layer("Gemm", (4, 8), WEIGHT, BIAS, transB=1, **attributes)
    weight = find_weight(model, model.layers[0])
    assert not isinstance(weight, str)
    return system_of(model, model.layers[0], weight)


def equations(x: np.ndarray, wanted: np.ndarray) -> NormalEquations:
    sums = NormalEquations(1, x.shape[1] + 1, wanted.shape[1])
    sums.add(np.hstack([x, np.ones((len(x), 1))])[:, None], wanted)
    return sums


def test_a_layer_by_itself_is_about_its_mean_and_keeps_its_weight():
    x = RNG.normal(size=(500, 8)) * np.geomspace(0.3, 1, 8) + 2.0
    found = unchanged_inputs(gemm(), equations(x, x @ WEIGHT.T + BIAS))
    assert np.allclose(found.objective.best, WEIGHT, atol=1e-6)
    assert np.allclose(found.objective.gram, np.cov(x.T, bias=True), atol=0.05)
    assert np.allclose(found.bias(WEIGHT), BIAS, atol=1e-5)
    assert np.allclose(found.bias(np.zeros((6, 8))), x.mean(axis=0) @ WEIGHT.T + BIAS, atol=1e-5)


def test_inputs_without_directions_leave_the_plain_decomposition():
    white = RNG.normal(size=(24, 8))
    gram = unchanged_inputs(gemm(), equations(white, white @ WEIGHT.T + BIAS)).objective.gram
    assert np.linalg.cond(gram) < 1.6
    directed = white * np.geomspace(0.01, 1, 8)
    assert np.linalg.cond(unchanged_inputs(gemm(), equations(directed, directed @ WEIGHT.T)).objective.gram) > 2


@pytest.mark.parametrize("attributes", [{}, {"alpha": 0.5, "beta": 2.0}])
def test_a_layer_in_its_place_finds_what_makes_up_for_changed_inputs(attributes):
    system = gemm(**attributes)
    x = RNG.normal(size=(800, 8))
    read = x @ np.diag(np.geomspace(1, 3, 8)) + 1.0
    wanted = x @ WEIGHT.T + 5.0
    found = fitted(system, equations(read[:600], wanted[:600]), equations(read[600:], wanted[600:]))
    made = read @ found.objective.best.T + found.bias(found.objective.best)
    assert np.square(made - wanted).mean() < 1e-3 * np.square(wanted).mean()


def test_noise_alone_leaves_the_weight_that_is_there():
    x = RNG.normal(size=(60, 8))
    exact = x @ WEIGHT.T + BIAS
    found = fitted(gemm(), equations(x[:45], exact[:45]), equations(x[45:], exact[45:]))
    assert np.allclose(found.objective.best, WEIGHT, atol=1e-5)


def test_the_scale_of_a_gemm_is_part_of_its_matrix_and_of_its_bias():
    system = gemm(alpha=0.5, beta=3.0)
    assert np.allclose(system.matrix(), 0.5 * WEIGHT, atol=1e-6)
    assert np.allclose(system.offset, 3.0 * BIAS, atol=1e-5)


@pytest.mark.parametrize("x", [np.zeros((10, 8)), np.full((10, 8), np.nan), np.zeros((0, 8))])
def test_samples_that_say_nothing_give_nothing(x):
    assert unchanged_inputs(gemm(), equations(x, np.zeros((len(x), 6)))) is None
    assert fitted(gemm(), equations(x, np.zeros((len(x), 6))), equations(x, np.zeros((len(x), 6)))) is None


def test_the_outputs_of_a_wide_layer_are_about_their_mean():
    y = RNG.normal(size=(400, 6)) * np.geomspace(1, 0.1, 6) + 3.0
    found = by_outputs(gemm(), equations(y, np.zeros((400, 0))))
    assert np.allclose(found.objective.gram, np.cov(y.T, bias=True), atol=0.05)
    assert found.objective.best.shape == (6, 6)
    assert np.allclose(found.bias(np.zeros((6, 6))), y.mean(axis=0), atol=1e-6)


def test_without_samples_the_weight_is_all_there_is():
    found = weight_alone(gemm())
    assert found.objective.gram is None
    assert found.bias(WEIGHT) is None
