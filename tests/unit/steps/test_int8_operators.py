"""Every operator between two layers that is said to run on integers really does, in ONNX Runtime."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from desktop_app.graph.runtime import open_session
from tests.unit.steps.int8_nets import Net, batches_of, quantize, run, sqnr_db

Build = Callable[[Net, str], str]


def indices(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def transposed_back(net: Net, read: str) -> str:
    net.op("Transpose", [read], "there", perm=[0, 2, 3, 1])
    return net.op("Transpose", ["there"], "back", perm=[0, 3, 1, 2])


def squeezed_back(net: Net, read: str) -> str:
    net.constant("axis", indices(0))
    net.op("Unsqueeze", [read, "axis"], "wide")
    return net.op("Squeeze", ["wide", "axis"], "narrow")


def split_and_joined(net: Net, read: str) -> str:
    parts = {"num_outputs": 2} if net.opset >= 18 else {}
    net.nodes.append(onnx.helper.make_node("Split", [read], ["left", "right"], name="split", axis=1, **parts))
    return net.op("Concat", ["right", "left"], "joined", axis=1)


MOVES: dict[str, Build] = {
    "Transpose": transposed_back,
    "Squeeze": squeezed_back,
    "Split": split_and_joined,
    "Identity": lambda net, read: net.op("Identity", [read], "moved"),
    "Reshape": lambda net, read: net.op("Reshape", [read, net.constant("to", indices(0, 8, 4, 16))], "moved"),
    "Slice": lambda net, read: net.op(
        "Slice", [read, *(net.constant(n, indices(v)) for n, v in (("s", 1), ("e", 7), ("a", 2)))], "moved"
    ),
    "MaxPool": lambda net, read: net.op("MaxPool", [read], "moved", kernel_shape=[3, 3], pads=[1] * 4),
    "Pad": lambda net, read: net.op("Pad", [read, net.constant("p", indices(0, 0, 1, 1, 0, 0, 1, 1))], "moved"),
    "Pad reflect": lambda net, read: net.op(
        "Pad", [read, net.constant("p", indices(0, 0, 1, 1, 0, 0, 1, 1))], "moved", mode="reflect"
    ),
    "Resize": lambda net, read: net.op(
        "Resize", [read, "", net.constant("by", np.array([1, 1, 2, 2], np.float32))], "moved", mode="nearest"
    ),
    "Gather": lambda net, read: net.op("Gather", [read, net.constant("i", indices(*range(7, -1, -1)))], "m", axis=1),
    "Expand": lambda net, read: net.op("Expand", [read, net.constant("to", indices(1, 8, 8, 8))], "moved"),
    "Tile": lambda net, read: net.op("Tile", [read, net.constant("by", indices(1, 1, 2, 1))], "moved"),
}

COMBINATIONS: dict[str, Build] = {
    "QLinearAdd": lambda net, read: net.op("Add", [read, net.conv("other", read, 8, 8)], "sum"),
    "QLinearMul": lambda net, read: net.op("Mul", [read, net.conv("other", read, 8, 8)], "product"),
    "QLinearSigmoid": lambda net, read: net.op("Sigmoid", [read], "gate"),
    "QLinearLeakyRelu": lambda net, read: net.op("LeakyRelu", [read], "leaky", alpha=0.1),
    "QLinearAveragePool": lambda net, read: net.op("AveragePool", [read], "mean", kernel_shape=[2, 2]),
    "QLinearGlobalAveragePool": lambda net, read: net.op("GlobalAveragePool", [read], "mean"),
}


def between(build: Build, opset: int) -> tuple[Net, str]:
    net = Net(opset)
    net.conv("before", "x", 3, 8)
    net.conv("after", build(net, "before"), 8, 4, kernel=1)
    return net, "after"


def fused_operators(build: Build, opset: int, folder: Path) -> list[str]:
    net, output = between(build, opset)
    model, batches = net.model(["n", 3, 8, 8], output), batches_of((4, 3, 8, 8))
    result = quantize(model, batches)
    assert sqnr_db(run(model, batches[0]), run(result.model, batches[0])) > 20
    open_session(result.model, save_optimised_to=folder / "o.onnx")
    return [node.op_type for node in onnx.load(folder / "o.onnx").graph.node]


@pytest.mark.parametrize("opset", [13, 17, 21])
@pytest.mark.parametrize("name", MOVES)
def test_moving_operators_run_on_integers(name: str, opset: int, tmp_path: Path) -> None:
    operators = fused_operators(MOVES[name], opset, tmp_path)
    assert operators.count("QLinearConv") == 2
    assert operators.count("QuantizeLinear") == 1
    assert operators.count("DequantizeLinear") == 1


@pytest.mark.parametrize("name", COMBINATIONS)
def test_combining_operators_are_fused(name: str, tmp_path: Path) -> None:
    operators = fused_operators(COMBINATIONS[name], 17, tmp_path)
    assert name in operators
    assert operators.count("QuantizeLinear") == 1
