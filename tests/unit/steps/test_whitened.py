import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.steps.factorisation.objective import Objective
from desktop_app.steps.factorisation.whitened import Approximation, approximate, tucker_errors

OUTPUTS, INPUTS, KERNEL = 7, 5, (3, 2)
RNG = np.random.default_rng(1)

EXACT = {
    "channel": ((3,), np.einsum("or,rihw->oihw", RNG.normal(size=(7, 3)), RNG.normal(size=(3, 5, 3, 2)))),
    "spatial": ((4,), np.einsum("rih,orw->oihw", RNG.normal(size=(4, 5, 3)), RNG.normal(size=(7, 4, 2)))),
    "tucker2": (
        (2, 3),
        np.einsum("bahw,ai,ob->oihw", *(RNG.normal(size=s) for s in ((3, 2, 3, 2), (2, 5), (7, 3)))),
    ),
    "cp": ((2,), np.einsum("ri,rhw,or->oihw", *(RNG.normal(size=s) for s in ((2, 5), (2, 3, 2), (7, 2))))),
}


def moments(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    unknowns = INPUTS * KERNEL[0] * KERNEL[1]
    samples = rng.normal(size=(200, unknowns)) @ (
        rng.normal(size=(unknowns, unknowns)) * np.geomspace(2, 0.1, unknowns)
    )
    return samples.T @ samples / 200 + 1e-4 * np.eye(unknowns)


def rebuilt(found: Approximation, kind: str) -> np.ndarray:
    """The kernel that the links make together, written out from their shapes alone."""
    first, *rest = found.links
    if kind == "channel":
        return np.einsum("or,rihw->oihw", rest[0][:, :, 0, 0], first)
    if kind == "spatial":
        return np.einsum("rih,orw->oihw", first[..., 0], rest[0][:, :, 0])
    if kind == "tucker2":
        return np.einsum("bahw,ai,ob->oihw", rest[0], first[:, :, 0, 0], rest[1][:, :, 0, 0])
    return np.einsum("ri,rhw,or->oihw", first[:, :, 0, 0], rest[0][:, 0], rest[1][:, :, 0, 0])


@pytest.mark.parametrize("kind", EXACT)
@pytest.mark.parametrize("plain", [True, False])
def test_a_kernel_that_has_the_form_is_found_again(kind, plain):
    ranks, weight = EXACT[kind]
    objective = Objective(weight.reshape(OUTPUTS, -1), None if plain else moments(0))
    found = approximate(objective, KERNEL, kind, ranks, sweeps=60)
    assert objective.error(found.dense) < 1e-4 * objective.energy
    assert np.allclose(rebuilt(found, kind).reshape(OUTPUTS, -1), found.dense, atol=1e-8)


@settings(max_examples=10)
@given(st.sampled_from(sorted(EXACT)), st.integers(1, 3), st.integers(0, 99))
def test_weighing_never_does_worse_by_what_it_weighs(kind, rank, seed):
    gram = moments(seed)
    weight = np.random.default_rng(seed).normal(size=(OUTPUTS, INPUTS * 6))
    ranks = (rank, rank) if kind == "tucker2" else (rank,)
    weighed, plain = Objective(weight, gram), Objective(weight)
    best = weighed.error(approximate(weighed, KERNEL, kind, ranks, sweeps=12).dense)
    other = weighed.error(approximate(plain, KERNEL, kind, ranks, sweeps=12).dense)
    assert best <= 1.05 * other


@settings(max_examples=10)
@given(st.sampled_from(["spatial", "tucker2"]), st.integers(1, 3), st.integers(0, 99))
def test_more_turns_never_do_worse(kind, rank, seed):
    objective = Objective(np.random.default_rng(seed).normal(size=(OUTPUTS, INPUTS * 6)), moments(seed))
    ranks = (rank, rank) if kind == "tucker2" else (rank,)
    errors = [objective.error(approximate(objective, KERNEL, kind, ranks, sweeps).dense) for sweeps in (1, 2, 8)]
    assert errors[2] <= errors[1] * (1 + 1e-9) <= errors[0] * (1 + 1e-8)


def test_the_plain_spatial_error_is_that_of_the_singular_values():
    weight = np.random.default_rng(2).normal(size=(OUTPUTS, INPUTS, *KERNEL))
    objective = Objective(weight.reshape(OUTPUTS, -1))
    unfolded = weight.transpose(1, 2, 0, 3).reshape(INPUTS * 3, OUTPUTS * 2)
    expected = np.square(np.linalg.svd(unfolded, compute_uv=False)[4:]).sum()
    found = approximate(objective, KERNEL, "spatial", (4,), sweeps=1)
    assert objective.error(found.dense) == pytest.approx(expected)


def test_tucker_errors_are_those_of_one_turn():
    objective = Objective(np.random.default_rng(3).normal(size=(OUTPUTS, INPUTS * 6)), moments(3))
    errors = tucker_errors(objective, KERNEL, 2)
    assert errors[0] == pytest.approx(objective.energy)
    for second in (1, 4):
        found = approximate(objective, KERNEL, "tucker2", (2, second), sweeps=1)
        assert errors[second] == pytest.approx(objective.error(found.dense), rel=1e-5)


@pytest.mark.parametrize("kind", EXACT)
def test_channels_between_the_links_are_equally_large(kind):
    gram = moments(4)
    objective = Objective(np.random.default_rng(4).normal(size=(OUTPUTS, INPUTS * 6)), gram)
    first = approximate(objective, KERNEL, kind, (2, 2) if kind == "tucker2" else (2,)).links[0]
    places = 6 // (first.size // (2 * INPUTS))
    blocks = gram.reshape(INPUTS * 6 // places, places, -1, places)
    mean = np.einsum("mpnp->mn", blocks) / places
    rows = first.reshape(2, -1)
    assert np.allclose(np.einsum("am,mn,an->a", rows, mean, rows), 1.0)


def test_a_sum_of_more_kernels_than_there_are_single_ones_is_finite():
    objective = Objective(np.random.default_rng(5).normal(size=(2, 2 * 6)))
    found = approximate(objective, KERNEL, "cp", (20,))
    assert all(np.isfinite(link).all() for link in found.links)
    assert objective.error(found.dense) < 1e-3 * objective.energy
