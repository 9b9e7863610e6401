import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.steps.factorisation.objective import Objective, descend, falling, solve
from desktop_app.steps.factorisation.whitened import approximate


def make_objective(outputs: int, unknowns: int, seed: int, *, plain: bool = False) -> Objective:
    rng = np.random.default_rng(seed)
    samples = rng.normal(size=(4 * unknowns, unknowns)) @ rng.normal(size=(unknowns, unknowns))
    gram = samples.T @ samples / len(samples) + 1e-6 * np.eye(unknowns)
    return Objective(rng.normal(size=(outputs, unknowns)), None if plain else gram)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99), st.booleans())
def test_the_spectrum_is_that_of_the_weight_times_the_root_of_the_second_moments(outputs, unknowns, seed, plain):
    objective = make_objective(outputs, unknowns, seed, plain=plain)
    root = np.eye(unknowns) if objective.gram is None else np.linalg.cholesky(objective.gram)
    singular = np.linalg.svd(objective.best @ root, compute_uv=False)
    energies, directions = objective.spectrum
    assert np.allclose(energies[: len(singular)], singular**2, rtol=1e-6, atol=1e-9 * singular[0] ** 2)
    assert len(energies) == min(outputs, unknowns)
    assert np.allclose(directions.T @ directions, np.eye(len(energies)), atol=1e-5)


@given(st.integers(2, 10), st.integers(2, 10), st.integers(0, 99))
def test_truncation_leaves_the_energies_behind_the_rank_and_nothing_random_leaves_less(outputs, unknowns, seed):
    objective = make_objective(outputs, unknowns, seed)
    rank = 1 + seed % min(outputs, unknowns)
    found = approximate(objective, (), "svd", (rank,))
    error = objective.error(found.dense)
    assert error == pytest.approx(objective.spectrum[0][rank:].sum(), rel=1e-5, abs=1e-6 * objective.energy)
    rng = np.random.default_rng(seed)
    down = rng.normal(size=(rank, unknowns))
    gram = np.eye(unknowns) if objective.gram is None else objective.gram
    best_up = solve(down @ gram @ down.T, down @ objective.cross.T).T
    assert error <= objective.error(best_up @ down) * (1 + 1e-9) + 1e-9 * objective.energy


def test_the_energy_is_the_error_of_nothing():
    objective = make_objective(3, 5, 0)
    assert objective.energy == pytest.approx(np.trace(objective.best @ objective.gram @ objective.best.T))
    assert objective.error(objective.best) == 0.0


def test_eigenvalues_fall_and_none_is_negative():
    values, vectors = falling(np.diag([1.0, 3.0, -1e-9]))
    assert values.tolist() == [3.0, 1.0, 0.0]
    assert (np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0, keepdims=True), axis=0) > 0).all()


def test_a_system_without_full_rank_is_solved():
    found = solve(np.diag([2.0, 0.0]), np.array([[4.0], [0.0]]))
    assert np.allclose(found, [[2.0], [0.0]])


@given(st.integers(1, 8), st.integers(0, 99))
def test_conjugate_gradients_reach_the_solution_in_as_many_steps_as_unknowns(size, seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    matrix = root @ root.T + np.eye(size)
    right = rng.normal(size=(size, 1))
    found = descend(lambda x: matrix @ x, right, np.zeros((size, 1)), lambda x: x / np.diag(matrix)[:, None], 2 * size)
    assert np.allclose(matrix @ found, right, atol=1e-4)
