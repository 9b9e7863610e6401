import numpy as np
import pytest

from desktop_app.bench.kernel import kernel_of_node, kernels_of
from desktop_app.core.progress import SilentToken
from desktop_app.core.rank import extents_of, with_ranks
from desktop_app.graph.model import Model
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.factorisation.factor_nodes import write_chain
from desktop_app.steps.factorisation.systems import System, system_of
from desktop_app.steps.factorisation.timing import MeasuredTimes, chain_kernels
from desktop_app.steps.targets import find_weight
from tests.unit.steps.layer_nets import one_layer

GEOMETRIES = [
    {"pads": [1, 1, 1, 1]},
    {"pads": [0, 2, 1, 0], "strides": [2, 1]},
    {"strides": [1, 3], "dilations": [2, 1], "pads": [1, 0, 3, 2]},
]
KINDS = {"channel": (4,), "spatial": (6,), "tucker2": (3, 5), "cp": (9,)}


def convolution(**attributes: object) -> Model:
    return one_layer("Conv", (1, 12, 11, 13), np.ones((16, 12, 3, 3)), kernel_shape=[3, 3], **attributes)


def the_system(model: Model) -> System:
    layer = model.layers[0]
    weight = find_weight(model, layer)
    assert not isinstance(weight, str)
    return system_of(model, layer, weight)


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_timed_is_what_is_written(kind, geometry):
    model = convolution(**geometry)
    system = the_system(model)
    factor = with_ranks(extents_of(system.layer, kind), kind, KINDS[kind])
    editor = GraphEditor(model)
    write_chain(editor, system, factor)
    whole = kernel_of_node(system.weight.node, model.shapes)
    assert chain_kernels(whole, factor) == list(kernels_of(editor.finish()).values())


@pytest.mark.parametrize("op_type", ["Gemm", "MatMul"])
def test_products_are_timed_as_two_products(op_type):
    model = one_layer(op_type, (6, 20), np.ones((20, 30)))
    system = the_system(model)
    factor = with_ranks(extents_of(system.layer, "svd"), "svd", (4,))
    first, second = chain_kernels(kernel_of_node(system.weight.node, model.shapes), factor)
    assert (first.outputs, second.outputs) == (4, 30)
    assert second.input_shape[-1] == 4


def test_the_table_tells_the_layer_and_each_chain(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model = convolution(pads=[1, 1, 1, 1])
    system = the_system(model)
    factors = [with_ranks(extents_of(system.layer, "channel"), "channel", (rank,)) for rank in (2, 8)]
    whole, chains = MeasuredTimes(model.shapes, SilentToken()).times(system, factors)
    assert whole > 0
    assert len(chains) == 2
    assert min(chains) > 0


def test_what_cannot_be_timed_is_not_guessed():
    model = one_layer("MatMul", (6, 20), np.ones((20, 30)))
    system = the_system(model)
    assert MeasuredTimes({}, SilentToken()).times(system, []) is None
