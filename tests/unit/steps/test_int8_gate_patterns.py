from collections import Counter

import numpy as np
import pytest

from desktop_app.graph.model import Model
from desktop_app.steps.int8.gate_patterns import name_gates
from tests.unit.steps.int8_nets import Net, batches_of, quantize, run, sqnr_db


def written_out(order: str, high: float = 6.0, by: float = 6.0) -> Model:
    """A convolution, HardSwish in an exporter's own words, another convolution."""
    net = Net()
    net.conv("first", "x", 3, 8)
    net.constant("three", np.float32(3.0))
    net.constant("six", np.float32(by))
    net.constant("sixth", np.float32(1 / by))
    shifted = net.op("Add", ["first", "three"], "shifted")
    clip = net.clip("clip", shifted, 0.0, high)
    if order == "divided, then multiplied":
        net.op("Mul", ["first", net.op("Div", [clip, "six"], "gate")], "a")
    elif order == "scaled, then multiplied":
        net.op("Mul", [net.op("Mul", ["sixth", clip], "gate"), "first"], "a")
    else:
        net.op("Div", [net.op("Mul", ["first", clip], "product"), "six"], "a")
    net.conv("last", "a", 8, 4)
    return net.model(["n", 3, 12, 12], "last")


ORDERS = ("divided, then multiplied", "scaled, then multiplied", "multiplied, then divided")


@pytest.mark.parametrize("order", ORDERS)
def test_gates_in_other_words_are_named_and_run_on_integers(order: str) -> None:
    model, batches = written_out(order), batches_of((8, 3, 12, 12))
    named = name_gates(model)
    assert Counter(node.op_type for node in named.graph) == Counter(["Conv", "HardSigmoid", "Mul", "Conv"])
    np.testing.assert_allclose(run(named, batches[0]), run(model, batches[0]), rtol=1e-5, atol=1e-5)
    small = quantize(model, batches).model
    assert "HardSigmoid" not in {node.op_type for node in small.graph}
    assert sqnr_db(run(model, batches[1]), run(small, batches[1])) > 25


@pytest.mark.parametrize(("high", "by"), [(6.0, 5.0), (5.0, 6.0)])
@pytest.mark.parametrize("order", ORDERS)
def test_what_only_looks_like_a_gate_is_left(order: str, high: float, by: float) -> None:
    model = written_out(order, high, by)
    assert name_gates(model) is model


def test_a_gate_whose_inside_others_read_is_left() -> None:
    model = written_out(ORDERS[0])
    model.graph.outputs.append(next(node for node in model.graph if node.name == "clip").outputs[0])
    assert name_gates(model) is model
