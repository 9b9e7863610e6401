import numpy as np
import pytest

from desktop_app.core.progress import SilentToken
from desktop_app.steps.factorisation.evidence import AT_ONCE, evidence
from desktop_app.steps.factorisation.systems import System, system_of
from desktop_app.steps.targets import find_weight
from tests.unit.steps.test_low_rank import batches_of, deep, inputs


def systems_of(model) -> list[System]:
    found = []
    for layer in model.layers:
        weight = find_weight(model, layer)
        assert not isinstance(weight, str)
        found.append(system_of(model, layer, weight))
    return found


def test_every_layer_is_weighed_by_what_it_reads():
    model = deep(depth=AT_ONCE + 1)
    systems = systems_of(model)
    found = [*evidence(model, systems, batches_of(inputs(0)), SilentToken(), 0)]
    assert [system.layer.name for system, _ in found] == [system.layer.name for system in systems]
    for system, regression in found:
        assert regression.objective.gram.shape == (system.matrix().shape[1],) * 2
        assert np.allclose(regression.objective.best, system.matrix(), atol=1e-6)
        assert regression.bias_free == (system.layer.op_type == "Conv")


SILENT = [[], [{"x": np.full((4, 16, 8, 8), np.nan, np.float32)}], [{"x": np.zeros((4, 3, 8, 8), np.float32)}]]


@pytest.mark.parametrize("x", SILENT)
def test_the_weights_decide_where_the_samples_say_nothing(x):
    model = deep()
    for _, regression in evidence(model, systems_of(model), x, SilentToken(), 0):
        assert regression.objective.gram is None
