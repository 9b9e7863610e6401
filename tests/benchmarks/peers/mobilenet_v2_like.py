"""A net like MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) with random weights, batch normalisation folded.

Its outputs classify nothing; whether it is fused and faster in 8 bits, and how much noise that adds, can be measured.
The weights of an output channel have a scale of their own, as folding batch normalisation leaves it.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Expansion, output channels, repeats, and stride of the first repeat."""
STEM, HEAD, CLASSES = 32, 1280, 1000
SPREAD = 0.35
"""Standard deviation of the logarithm of a channel's scale."""


class _Writer:
    """Nodes and weights, one layer after another."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights = [numpy_helper.from_array(np.float32(bound), f"relu6.{bound}") for bound in (0, 6)]
        self._rng = np.random.default_rng(0)

    def add(self, op_type: str, inputs: list[str], **attributes: object) -> str:
        name = f"{op_type}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, inputs, [f"{name}.out"], name=name, **attributes))
        return f"{name}.out"

    def weight(self, array: np.ndarray) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def convolution(
        self, x: str, shape: tuple[int, int, int], stride: int = 1, group: int = 1, *, active: bool = True
    ) -> str:
        """A convolution of (outputs, inputs of a group, side), and ReLU6 unless it is not active."""
        outputs, inputs, side = shape
        scale = np.exp(self._rng.normal(0, SPREAD, (outputs, 1, 1, 1))) * np.sqrt((1 + active) / (inputs * side**2))
        weight = self.weight(scale * self._rng.standard_normal((outputs, inputs, side, side)))
        bias = self.weight(self._rng.normal(0.1, 0.2, outputs))
        options = {"kernel_shape": [side] * 2, "strides": [stride] * 2, "pads": [side // 2] * 4, "group": group}
        out = self.add("Conv", [x, weight, bias], **options)
        return self.add("Clip", [out, "relu6.0", "relu6.6"]) if active else out

    def block(self, x: str, inputs: int, outputs: int, expansion: int, stride: int) -> str:
        """An inverted residual with a linear bottleneck."""
        hidden = inputs * expansion
        out = self.convolution(x, (hidden, inputs, 1)) if expansion > 1 else x
        out = self.convolution(out, (hidden, 1, 3), stride, group=hidden)
        out = self.convolution(out, (outputs, hidden, 1), active=False)
        return self.add("Add", [x, out]) if stride == 1 and inputs == outputs else out

    def head(self, x: str, inputs: int) -> str:
        """From features to class scores."""
        x = self.add("Flatten", [self.add("GlobalAveragePool", [self.convolution(x, (HEAD, inputs, 1))])])
        weight = self.weight(self._rng.standard_normal((CLASSES, HEAD)) / np.sqrt(HEAD))
        return self.add("Gemm", [x, weight, self.weight(np.zeros(CLASSES))], transB=1)


def write_mobilenet_v2_like(path: Path) -> None:
    """Writes the model; the same bytes every time."""
    writer = _Writer()
    x, channels = writer.convolution("input", (STEM, 3, 3), 2), STEM
    for expansion, outputs, repeats, stride in BLOCKS:
        for repeat in range(repeats):
            x = writer.block(x, channels, outputs, expansion, stride if repeat == 0 else 1)
            channels = outputs
    writer.nodes.append(helper.make_node("Identity", [writer.head(x, channels)], ["scores"], name="scores"))
    ends = (("input", ["N", 3, 224, 224]), ("scores", ["N", CLASSES]))
    inputs, outputs = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)] for name, shape in ends)
    graph = helper.make_graph(writer.nodes, "mobilenet_v2_like", inputs, outputs, writer.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(model), path)
