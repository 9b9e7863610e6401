from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.gates import ends, is_gate, split_hard_swish, with_gates
from tests.unit.steps.int8_nets import Net, batches_of, quantize, run, sqnr_db
from tests.unit.steps.modern_nets import mobilenet_v3

SMALL = ((3, 16, 16, 2, True), (3, 32, 16, 1, False))


def swish_net(bias: float = 0.0) -> Model:
    net = Net()
    weight = net.weight("first.weight", 8, 3, 3, 3)
    net.op("Conv", ["x", weight, net.constant("first.bias", np.full(8, bias, np.float32))], "first", pads=[1] * 4)
    net.op("HardSwish", ["first"], "a")
    net.conv("last", "a", 8, 4)
    return net.model(["n", 3, 12, 12], "last")


def gate_net(alpha: float = 1 / 6, beta: float = 0.5) -> Model:
    net = Net()
    net.op("HardSigmoid", ["x"], "g", alpha=alpha, beta=beta)
    net.op("Mul", ["x", "g"], "y")
    return net.model(["n", 4], "y")


def test_hard_swish_is_split_into_what_it_is() -> None:
    model, batch = swish_net(), batches_of((4, 3, 12, 12))[0]
    split = split_hard_swish(model)
    assert Counter(node.op_type for node in split.graph) == Counter(["Conv", "HardSigmoid", "Mul", "Conv"])
    np.testing.assert_allclose(run(split, batch), run(model, batch), rtol=1e-5, atol=1e-5)
    assert split_hard_swish(split) is split


@pytest.mark.parametrize("bias", [0.0, 4.0, -4.0])
def test_hard_swish_runs_on_integers_and_is_right(tmp_path: Path, bias: float) -> None:
    model, batches = swish_net(bias), batches_of((16, 3, 12, 12))
    result = quantize(model, batches)
    assert sqnr_db(run(model, batches[1]), run(result.model, batches[1])) > 25
    path = tmp_path / "optimised.onnx"
    open_session(result.model, save_optimised_to=path)
    operators = {node.op_type for node in onnx.load(path).graph.node}
    assert {"Clip", "QLinearMul", "QLinearConv"} <= operators
    assert not {"HardSigmoid", "HardSwish", "Mul", "Conv"} & operators


@pytest.mark.parametrize("decomposed", [False, True])
def test_a_net_with_gates_everywhere_keeps_its_outputs(decomposed: bool) -> None:
    model = mobilenet_v3(32, SMALL, decomposed=decomposed)
    batches = batches_of((8, 3, 32, 32))
    assert sqnr_db(run(model, batches[1]), run(quantize(model, batches).model, batches[1])) > 25


@given(st.floats(-50.0, 0.0), st.floats(0.01, 50.0), st.floats(0.05, 1.0), st.floats(0.1, 0.9))
def test_a_gate_on_integers_is_what_it_is_on_numbers(low: float, high: float, alpha: float, beta: float) -> None:
    """Where the gate closes lies on the grid, so that cutting integers there is exact; all of the range is covered."""
    model = gate_net(alpha, beta)
    node = model.node("g")
    affines = with_gates(model, {"g"}, {"x": "x", "g": "g"}, {"x": Affine.of_range(low, high)})
    read, given = affines["x"], affines["g"]
    assert read.low <= low + float(read.scale)
    assert read.high >= high - float(read.scale)
    bottom, top = ends(node, read)
    stored = np.arange(256)
    real = float(read.scale) * (stored - int(read.zero_point))
    cut = float(given.scale) * (np.clip(stored, bottom, top) - int(given.zero_point))
    exact = np.clip(alpha * real + beta, 0.0, 1.0)
    assert np.abs(cut - exact).max() <= alpha * float(read.scale) / 2 + 1e-4


def test_only_gates_that_products_read_run_on_integers() -> None:
    assert is_gate(gate_net().node("g"))
    net = Net()
    net.op("HardSigmoid", ["x"], "g")
    net.op("Add", ["x", "g"], "y")
    assert not is_gate(net.model(["n", 4], "y").node("g"))
    assert not is_gate(gate_net(alpha=-1.0).node("g"))
