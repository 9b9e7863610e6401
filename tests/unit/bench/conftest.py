"""A model small enough to be measured often."""

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper, numpy_helper

from desktop_app.graph.model import Model

CLASSES = 4


@pytest.fixture
def small_model() -> Model:
    """Pixels (batch, 3, 8, 8) to four logits: convolution, Relu, mean, matrix."""
    generator = np.random.default_rng(0)
    weights = {
        "w": generator.standard_normal((8, 3, 3, 3)).astype(np.float32),
        "v": generator.standard_normal((8, CLASSES)).astype(np.float32),
        "b": np.zeros(CLASSES, np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["p"], name="mean"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "v", "b"], ["logits"], name="gemm"),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", CLASSES])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return Model(ir.from_proto(model))
