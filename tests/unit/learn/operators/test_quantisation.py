"""Conversions give what ONNX Runtime gives, and let gradients through."""

import numpy as np
import onnx_ir as ir
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.learn.module import GraphModule
from desktop_app.learn.operators.base import UntrainableError

RNG = np.random.default_rng(4)
X = (3 * RNG.normal(size=(2, 4, 6))).astype(np.float32)


def model_of(nodes: list, constants: dict[str, np.ndarray], opset: int = 21) -> Model:
    graph = helper.make_graph(
        nodes,
        "conversions",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return Model(ir.from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)))


@pytest.mark.parametrize(
    ("scale", "zero", "axis"),
    [
        (np.float32(0.013), np.uint8(0), None),
        (np.float32(0.021), np.uint8(131), None),
        (np.float32(0.021), np.int8(-5), None),
        (np.float32(0.021), None, None),
        (np.array([0.01, 0.02, 0.5, 0.03], np.float32), np.array([0, 100, 255, 7], np.uint8), 1),
        (np.array([0.01, 0.02, 0.5, 0.03, 0.1, 0.2], np.float32), np.zeros(6, np.int8), -1),
    ],
)
@pytest.mark.parametrize("opset", [13, 21])
def test_conversions_there_and_back(scale: np.ndarray, zero: np.ndarray | None, axis: int, opset: int) -> None:
    constants = {"s": np.asarray(scale)} | ({} if zero is None else {"z": np.asarray(zero)})
    reads, attributes = [*constants], {} if axis is None else {"axis": axis}
    nodes = [
        helper.make_node("QuantizeLinear", ["x", *reads], ["q"], name="quantize", **attributes),
        helper.make_node("DequantizeLinear", ["q", *reads], ["y"], name="dequantize", **attributes),
    ]
    model = model_of(nodes, constants, opset)
    x = torch.from_numpy(X).requires_grad_()
    found = GraphModule(model)({"x": x})["y"]
    expected = open_session(model, optimise=False).run(None, {"x": X})[0]
    assert np.allclose(found.detach().numpy(), expected, rtol=1e-6, atol=1e-6)
    found.sum().backward()
    assert x.grad is not None
    assert set(np.unique(x.grad.round(decimals=5))) <= {0.0, 1.0}
    assert 0.0 < float(x.grad.mean()) <= 1.0


def test_blocks_share_a_scale() -> None:
    stored = RNG.integers(-8, 8, size=(4, 6)).astype(np.int8)
    constants = {"w": stored, "s": np.linspace(0.1, 0.8, 8, dtype=np.float32).reshape(4, 2)}
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s"], ["real"], name="dequantize", axis=1, block_size=3),
        helper.make_node("Mul", ["x", "real"], ["y"], name="mul"),
    ]
    model = model_of(nodes, constants)
    found = GraphModule(model)({"x": torch.from_numpy(X)})["y"].detach().numpy()
    assert np.allclose(found, open_session(model).run(None, {"x": X})[0], rtol=1e-6)


def test_rounding_in_blocks_is_refused_by_name() -> None:
    constants = {"s": np.full((2, 4, 2), 0.1, np.float32), "z": np.zeros((2, 4, 2), np.uint8)}
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"], name="quantize", axis=2, block_size=3),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"], name="dequantize", axis=2, block_size=3),
    ]
    with pytest.raises(UntrainableError, match=r"quantize .*it rounds in blocks"):
        GraphModule(model_of(nodes, constants))
