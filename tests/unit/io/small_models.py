"""Small models of every shape of storage, made on the spot."""

import numpy as np
import onnx
from onnx import TensorProto, helper

WEIGHT = np.arange(2 * 3 * 3 * 3 * 40, dtype=np.float32).reshape(80, 3, 3, 3) / 1000


def conv_model(weight: np.ndarray = WEIGHT) -> onnx.ModelProto:
    """One convolution (8.6 kB of weights), its bias from a Constant, and an addition."""
    channels = weight.shape[0]
    bias = helper.make_tensor("bias", TensorProto.FLOAT, [channels], np.ones(channels, np.float32).tobytes(), raw=True)
    nodes = [
        helper.make_node("Constant", [], ["b"], name="bias", value=bias),
        helper.make_node("Conv", ["x", "w", "b"], ["y"], name="conv", pads=[1, 1, 1, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", channels, 8, 8])],
        [helper.make_tensor("w", TensorProto.FLOAT, weight.shape, weight.astype("<f4").tobytes(), raw=True)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def model_of(
    *nodes: onnx.NodeProto, initializers: tuple[onnx.TensorProto, ...] = (), **more: object
) -> onnx.ModelProto:
    """A model of the given nodes, from `x` to `y`, both (2,)."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
        list(initializers),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, **more)


def external(name: str, dims: list[int], **entries: object) -> onnx.TensorProto:
    """A float tensor in another file."""
    tensor = onnx.TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims, data_location=TensorProto.EXTERNAL)
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor
