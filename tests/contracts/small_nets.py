"""Small networks of the kinds that steps must cope with, with weights from a seed."""

from collections.abc import Callable, Mapping

import numpy as np
import onnx
import onnx_ir as ir
from onnx import helper, numpy_helper

from desktop_app.graph.model import Model

FLOAT = onnx.TensorProto.FLOAT


class Net:
    """Builds a model node by node; every method gives the name of the value that it adds."""

    def __init__(self, *shape: int | str) -> None:
        self.rng = np.random.default_rng(7)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.shape = shape

    def constant(self, array: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def weight(self, *shape: int) -> str:
        fan_in = max(int(np.prod(shape[1:])), 1)
        return self.constant(self.rng.normal(0.0, (2.0 / fan_in) ** 0.5, shape).astype(np.float32))

    def add(self, op_type: str, *inputs: str, **attributes: object) -> str:
        name = f"{op_type.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, inputs, [f"{name}_out"], name=name, **attributes))
        return f"{name}_out"

    def conv(self, x: str, inputs: int, outputs: int, size: int = 3, group: int = 1, stride: int = 1) -> str:
        weight = self.weight(outputs, inputs // group, size, size)
        geometry = {"pads": [size // 2] * 4, "strides": [stride] * 2, "group": group}
        return self.add("Conv", x, weight, self.weight(outputs), **geometry)

    def norm(self, x: str, channels: int) -> str:
        scale, variance = (self.rng.uniform(0.5, 1.5, channels).astype(np.float32) for _ in range(2))
        shift, mean = self.weight(channels), self.weight(channels)
        return self.add("BatchNormalization", x, self.constant(scale), shift, mean, self.constant(variance))

    def linear(self, x: str, inputs: int, outputs: int) -> str:
        return self.add("Gemm", x, self.weight(outputs, inputs), self.weight(outputs), transB=1)

    def classify(self, x: str, channels: int, classes: int) -> str:
        return self.linear(self.add("Flatten", self.add("GlobalAveragePool", x)), channels, classes)

    def model(self, output: str) -> Model:
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", FLOAT, self.shape)],
            [helper.make_tensor_value_info(output, FLOAT, None)],
            self.constants,
        )
        opsets = [helper.make_opsetid("", 17)]
        return Model(ir.from_proto(helper.make_model(graph, opset_imports=opsets, ir_version=8)))


def residual() -> Model:
    """Convolutions with batch normalisation and a residual sum."""
    net = Net("batch", 3, 8, 8)
    x = net.add("Relu", net.norm(net.conv("x", 3, 16), 16))
    inner = net.add("Relu", net.norm(net.conv(x, 16, 16), 16))
    x = net.add("Relu", net.add("Add", x, net.norm(net.conv(inner, 16, 16), 16)))
    return net.model(net.classify(net.add("Relu", net.conv(x, 16, 24, stride=2)), 24, 10))


def large_kernels() -> Model:
    """Kernels of 5 x 5 and 7 x 7 before a classifier."""
    net = Net("batch", 3, 16, 16)
    x = net.add("Relu", net.conv("x", 3, 16, 7, stride=2))
    x = net.add("Relu", net.conv(x, 16, 16, 5))
    return net.model(net.classify(x, 16, 10))


def perceptron() -> Model:
    """Matrices only."""
    net = Net("batch", 32)
    x = net.add("Relu", net.linear("x", 32, 48))
    x = net.add("Relu", net.linear(x, 48, 40))
    return net.model(net.linear(x, 40, 10))


def separable() -> Model:
    """A depthwise convolution between two others."""
    net = Net("batch", 3, 8, 8)
    x = net.add("Relu", net.conv("x", 3, 16))
    x = net.add("Relu", net.conv(x, 16, 16, group=16))
    return net.model(net.classify(net.add("Relu", net.conv(x, 16, 32, size=1)), 32, 10))


def attention() -> Model:
    """Attention and a feed-forward block, as exporters write Transformers: MatMul and Add."""
    net, width = Net("batch", 6, 32), 32
    query, key, value = (net.add("MatMul", "x", net.weight(width, width)) for _ in range(3))
    scores = net.add("Softmax", net.add("MatMul", query, net.add("Transpose", key, perm=[0, 2, 1])), axis=-1)
    x = net.add("Add", "x", net.add("MatMul", net.add("MatMul", scores, value), net.weight(width, width)))
    inner = net.add("Relu", net.add("Add", net.add("MatMul", x, net.weight(width, 64)), net.weight(64)))
    return net.model(net.add("Add", x, net.add("MatMul", inner, net.weight(64, width))))


def recurrent() -> Model:
    """An LSTM and what reads its last state."""
    net = Net(5, "batch", 24)
    weights = net.weight(1, 64, 24), net.weight(1, 64, 16), net.weight(1, 128)
    node = helper.make_node("LSTM", ["x", *weights], ["states", "last"], name="lstm", hidden_size=16)
    net.nodes.append(node)
    return net.model(net.linear(net.add("Flatten", net.add("Transpose", "last", perm=[1, 0, 2])), 16, 8))


def branches() -> Model:
    """Two convolutions side by side, put together along the channels."""
    net = Net("batch", 3, 8, 8)
    x = net.conv("x", 3, 16)
    x = net.add("Mul", x, net.add("Sigmoid", x))
    sides = net.add("Relu", net.conv(x, 16, 12)), net.add("Relu", net.conv(x, 16, 20, size=1))
    x = net.add("Concat", *sides, axis=1)
    return net.model(net.classify(net.add("Relu", net.conv(x, 32, 24)), 24, 10))


NETS: Mapping[str, Callable[[], Model]] = {
    one.__name__: one for one in (residual, perceptron, separable, attention, recurrent, branches)
}
