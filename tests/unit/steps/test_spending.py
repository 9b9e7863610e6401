from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from desktop_app.core.rank import extents_of, with_ranks
from desktop_app.graph.model import Model
from desktop_app.steps.factorisation.spending import Rung, spend
from desktop_app.steps.factorisation.systems import System, system_of
from desktop_app.steps.targets import LayerWeight, find_weight
from tests.unit.steps.data_nets import weight
from tests.unit.steps.layer_nets import model_of


def matrices() -> tuple[Model, list[System]]:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], name="first"),
        helper.make_node("MatMul", ["h", "v"], ["y"], name="second"),
    ]
    model = model_of(nodes, ("n", 64), {"w": weight(64, 48), "v": weight(48, 80)})
    weights = [find_weight(model, layer) for layer in model.layers]
    found = [one for one in weights if isinstance(one, LayerWeight)]
    return model, [system_of(model, one.layer, one) for one in found]


MODEL, SYSTEMS = matrices()


@given(st.integers(0, 20_000), st.integers(1, 12), st.integers(1, 12), st.floats(0, 1))
def test_what_is_left_is_never_exceeded_and_no_rank_falls_or_passes_the_next_rung(left, first, second, gain):
    ranks, steps = (first, second), (8, None)
    extents = [extents_of(system.layer, "svd") for system in SYSTEMS]
    rungs = [
        Rung(
            system,
            with_ranks(size, "svd", (rank,)),
            None if step is None else with_ranks(size, "svd", (rank + step,)),
            g,
        )
        for system, size, rank, step, g in zip(SYSTEMS, extents, ranks, steps, (gain, 0.5), strict=True)
    ]
    bought = spend(rungs, left)
    spent = 0
    for rung, size in zip(rungs, extents, strict=True):
        factor = bought.get(rung.system.layer.name, rung.factor)
        spent += factor.params - rung.factor.params
        assert factor.ranks[0] >= rung.factor.ranks[0]
        assert factor.params < size.weights
        assert rung.above is None or factor.ranks[0] <= rung.above.ranks[0] - 1 or factor == rung.factor
    assert spent <= left
    if not bought:
        each = [size.output + size.inputs for size in extents]
        assert left < each[1] or rungs[1].factor.params + each[1] >= extents[1].weights
