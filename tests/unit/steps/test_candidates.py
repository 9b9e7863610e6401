import numpy as np
import pytest

from desktop_app.core.methods import LowRankMethod
from desktop_app.steps.factorisation.candidates import best_within, candidates
from desktop_app.steps.factorisation.objective import Objective
from desktop_app.steps.factorisation.systems import System, system_of
from desktop_app.steps.targets import find_weight
from tests.unit.steps.test_low_rank import one_layer

RNG = np.random.default_rng(0)


def convolution(channels: int = 24, kernel: tuple[int, ...] = (3, 3)) -> System:
    weight, pads = RNG.normal(size=(channels, channels, *kernel)), [1, 1] * len(kernel)
    model = one_layer("Conv", (1, channels, *[9] * len(kernel)), weight, kernel_shape=list(kernel), pads=pads)
    found = find_weight(model, model.layers[0])
    assert not isinstance(found, str)
    return system_of(model, model.layers[0], found)


def test_no_candidate_is_worse_than_another_in_cost_and_error():
    system = convolution()
    found = candidates(system, Objective(system.matrix()), LowRankMethod(target_macs=0.5))
    costs, errors = [one.factor.macs_ratio for one in found], [one.error for one in found]
    assert costs == sorted(costs)
    assert errors == sorted(errors, reverse=True)
    assert len({one.factor.kind for one in found}) > 1
    assert all(one.factor.macs_ratio <= 1.0 for one in found)


@pytest.mark.parametrize(("channels", "step"), [(24, 8), (12, 1), (3, 1)])
def test_ranks_are_multiples_as_far_as_the_layer_is_wide_enough(channels, step):
    system = convolution(channels)
    found = candidates(system, Objective(system.matrix()), LowRankMethod(kind="channel", target_macs=0.5))
    assert found
    assert all(one.factor.ranks[0] % step == 0 for one in found)


def test_a_size_is_kept_by_whatever_kind():
    system = convolution()
    for share in (0.2, 0.5, 0.8):
        factor = best_within(system, Objective(system.matrix()), LowRankMethod(measure="size"), share)
        assert factor.macs_ratio <= share
        assert factor.params <= share * system.matrix().size


def test_a_kernel_of_one_axis_has_no_spatial_candidates():
    system = convolution(kernel=(3,))
    found = candidates(system, Objective(system.matrix()), LowRankMethod(target_macs=0.5))
    assert "spatial" not in {one.factor.kind for one in found}


def test_too_small_a_size_is_refused_with_the_reason():
    system = convolution(4)
    assert "rank 1" in best_within(system, Objective(system.matrix()), LowRankMethod(measure="size"), 0.01)
