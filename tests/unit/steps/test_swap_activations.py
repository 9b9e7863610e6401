import numpy as np
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper, numpy_helper

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import Methods, RestructureMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import Choice, StepResult
from desktop_app.steps.restructuring.measuring import Times, in_turns
from desktop_app.steps.swap_activations import SwapActivations

NOTHING = DataCalibration(lambda: iter(()), 0, synthetic=True, statistics={})
SILU = [helper.make_node("Sigmoid", ["c"], ["s"]), helper.make_node("Mul", ["s", "c"], ["y"])]
HARD = [helper.make_node("HardSwish", ["c"], ["y"])]
GELU = [helper.make_node("Gelu", ["c"], ["y"])]
X = np.random.default_rng(0).normal(size=(1, 3, 6, 6)).astype(np.float32)


def model(nodes) -> Model:
    weight = np.random.default_rng(1).normal(size=(4, 3, 1, 1)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["c"], name="conv"), *nodes],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 6, 6])],
        [numpy_helper.from_array(weight, "w")],
    )
    return Model(ir.from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)))


def swap(model: Model, to: str, **layers: LayerOverride) -> StepResult:
    recipe = Recipe(layers=layers, methods=Methods(restructure=RestructureMethod(activations=to)))
    return SwapActivations().apply(model, recipe, NOTHING, SilentToken())


def run(model: Model) -> np.ndarray:
    return open_session(model).run(None, {"x": X})[0]


def before(nodes) -> np.ndarray:
    return open_session(model(nodes), outputs=["c"]).run(["c"], {"x": X})[0]


@pytest.mark.parametrize("nodes", [SILU, HARD, GELU])
def test_any_becomes_a_relu(nodes):
    result = swap(model(nodes), "relu")
    assert [node.op_type for node in result.model.graph] == ["Conv", "Relu"]
    assert np.allclose(run(result.model), np.maximum(before(nodes), 0), atol=1e-5)
    assert "1 of 1" in result.notes[0]
    assert [(one.layer, one.changed) for one in result.outcomes] == [("conv", True)]


@pytest.mark.parametrize(("nodes", "slope"), [(SILU, 1.0), (GELU, 1.702)])
def test_what_is_smooth_becomes_hard(nodes, slope):
    result, x = swap(model(nodes), "hardswish"), before(nodes)
    assert np.allclose(run(result.model), x * np.clip(slope * x / 6 + 0.5, 0, 1), atol=1e-5)
    assert np.abs(run(result.model) - run(model(nodes))).max() < 0.25


def test_what_is_hard_already_is_not_made_so():
    with pytest.raises(NothingChangedError, match="no activation that hardswish is faster than"):
        swap(model(HARD), "hardswish")


def test_it_stays_behind_a_locked_layer():
    with pytest.raises(NothingChangedError, match="not locked"):
        swap(model(SILU), "relu", conv=LayerOverride(locked=True))


def test_a_gate_that_others_read_stays():
    shared = [SILU[0], helper.make_node("Mul", ["s", "c"], ["z"]), helper.make_node("Add", ["z", "s"], ["y"])]
    with pytest.raises(NothingChangedError):
        swap(model(shared), "relu")


FASTER, SAME = Times(2.0, 1.0, 2.0, 1.9, 2.1), Times(2.0, 2.0, 1.0, 0.98, 1.02)


def chosen(times: Times | None, **method) -> Choice | None:
    asked = Recipe(methods=Methods(restructure=RestructureMethod(activations="relu", **method)))
    return SwapActivations(lambda before, after, token: times).choose(model(SILU), asked, SilentToken())


def test_what_is_measured_faster_is_written_out_and_not_measured_again():
    choice = chosen(FASTER)
    assert choice is not None
    assert choice.recipe.methods.restructure == RestructureMethod(activations="relu", keep_faster=False)
    assert choice.outcomes == ()
    assert "2.00 times as fast" in choice.notes[0]


@pytest.mark.parametrize(("times", "said"), [(SAME, "2 ms before and 2 ms after"), (None, "cannot be measured")])
def test_what_is_not_faster_is_undone_with_the_figures(times, said):
    choice = chosen(times)
    assert choice is not None
    assert not SwapActivations().wanted(model(SILU), choice.recipe)
    (outcome,) = choice.outcomes
    assert (outcome.layer, outcome.changed) == ("conv", False)
    assert said in outcome.reason
    assert said in choice.notes[0]


def test_nothing_is_measured_where_that_is_not_asked():
    assert chosen(SAME, keep_faster=False) is None


def test_what_cannot_be_swapped_is_left_to_be_refused():
    asked = Recipe(methods=Methods(restructure=RestructureMethod(activations="hardswish")))
    assert SwapActivations(lambda *_: SAME).choose(model(HARD), asked, SilentToken()) is None


def test_both_models_are_run_in_turns_on_this_machine():
    times = in_turns(model(SILU), swap(model(SILU), "relu").model, SilentToken())
    assert times is not None
    assert times.low <= times.speedup <= times.high
    assert min(times.before, times.after) > 0


def test_nobody_asks_by_default():
    assert not SwapActivations().wanted(model(SILU), Recipe())
