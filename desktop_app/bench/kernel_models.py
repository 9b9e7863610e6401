"""Kernels side by side in one small model, so that one run of it times them all under the same conditions."""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from desktop_app.bench.kernel import BINARY, CONVOLUTIONS, NO_INT8, PRODUCTS, Kernel

WARM = "warm"
"""What the names of nodes begin with that only prepare the input of a kernel."""

OPSET, IR_VERSION = 17, 8
SCALE = np.float32(0.02)
BRANCH = "kernel{}_"
"""What the names of all nodes and values of a branch begin with, so that ONNX Runtime's profile tells them apart."""


def model_of(kernels: Sequence[Kernel]) -> bytes:
    """A model in which every kernel is a branch of its own, with inputs and outputs of the model.

    Kernels in 8 bits read and give integers, so that no conversion to float is counted to them.
    """
    branches = [_Branch(BRANCH.format(number), kernel) for number, kernel in enumerate(kernels)]
    graph = helper.make_graph(
        [node for branch in branches for node in branch.nodes],
        "kernels",
        [value for branch in branches for value in branch.inputs],
        [value for branch in branches for value in branch.outputs],
        [tensor for branch in branches for tensor in branch.constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    content: bytes = model.SerializeToString()
    return content


class _Branch:
    """The nodes of one kernel: inputs, what decodes them, the operator, an activation, what encodes the result."""

    def __init__(self, prefix: str, kernel: Kernel) -> None:
        self._prefix, self._kernel = prefix, kernel
        self._int8 = kernel.bits == 8 and kernel.op_type not in NO_INT8
        self._random = np.random.default_rng(0)
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: list[onnx.TensorProto] = []
        result = self._operator()
        if kernel.activation and not self._int8:  # in 8 bits saturation does its work
            result = self._node(kernel.activation, [result], "activation")
        self._give(result)

    def _operator(self) -> str:
        kernel = self._kernel
        if kernel.op_type == "DequantizeLinear":
            read = self._input("x", kernel.input_shape, integers=True)
            return self._node(kernel.op_type, [read, *self._scale()], "run")
        reads = [self._read("x", kernel.input_shape)]
        if kernel.op_type == "QuantizeLinear":
            return self._node(kernel.op_type, [*reads, *self._scale()], "run")
        if kernel.op_type in BINARY:
            reads.append(self._read("y", kernel.second_shape or kernel.input_shape))
        elif kernel.op_type in CONVOLUTIONS:
            channels = kernel.input_shape[1]
            transposed = kernel.op_type == "ConvTranspose"
            sides = (
                (channels, kernel.outputs // kernel.group) if transposed else (kernel.outputs, channels // kernel.group)
            )
            reads += self._weights((*sides, *kernel.kernel), axis=1 if transposed else 0)
        elif kernel.op_type in PRODUCTS:
            reads += self._weights((kernel.input_shape[-1], kernel.outputs), axis=1)
        return self._node(kernel.op_type, reads, "run", **_attributes(kernel))

    def _weights(self, shape: tuple[int, ...], axis: int) -> list[str]:
        """Weight and bias; a matrix product has no place for the latter."""
        biased = self._kernel.op_type != "MatMul"
        bias = np.zeros(self._kernel.outputs, np.int32 if self._int8 else np.float32)
        if not self._int8:
            weight = self._constant(
                "w", self._noise(shape, lambda size: 0.05 * self._random.standard_normal(size), np.float32)
            )
            return [weight, self._constant("b", bias)] if biased else [weight]
        integers = self._noise(shape, lambda size: self._random.integers(-64, 64, size), np.int8)
        scales = np.full(shape[axis], SCALE, np.float32)
        zeros = self._constant("wz", np.zeros(shape[axis], np.int8))
        stored = [self._constant("w", integers), self._constant("ws", scales), zeros]
        weight = self._node("DequantizeLinear", stored, "weight", axis=axis)
        if not biased:
            return [weight]
        stored = [self._constant("b", bias), self._constant("bs", scales * SCALE)]
        return [weight, self._node("DequantizeLinear", stored, "bias", axis=0)]

    def _noise(self, shape: tuple[int, ...], draw: Callable[[int], np.ndarray], kind: type[np.generic]) -> np.ndarray:
        """Random values: few, again and again, since times do not depend on them."""
        return np.resize(draw(min(prod(shape), 4096)).astype(kind), shape)

    def _read(self, name: str, shape: tuple[int, ...]) -> str:
        """An input, computed by a node before the operator: in a real model its values lie in the cache, too."""
        value = self._input(name, shape, integers=self._int8)
        if self._int8:
            return self._node("DequantizeLinear", [value, *self._scale()], f"{name}_real")
        warm = f"{WARM}_{self._prefix}{name}"
        self.nodes.append(helper.make_node("Abs", [value], [warm], name=warm))
        return warm

    def _give(self, result: str) -> None:
        if self._int8:
            result = self._node("QuantizeLinear", [result, *self._scale()], "stored")
        integers = self._int8 or self._kernel.op_type == "QuantizeLinear"
        kind = TensorProto.UINT8 if integers else TensorProto.FLOAT
        self.outputs.append(helper.make_tensor_value_info(result, kind, None))

    def _scale(self) -> list[str]:
        names = [f"{self._prefix}scale", f"{self._prefix}zero"]
        if not any(tensor.name == names[0] for tensor in self.constants):
            self._constant("scale", SCALE)
            self._constant("zero", np.uint8(128))
        return names

    def _input(self, name: str, shape: tuple[int, ...], *, integers: bool) -> str:
        kind = TensorProto.UINT8 if integers else TensorProto.FLOAT
        self.inputs.append(helper.make_tensor_value_info(f"{self._prefix}{name}", kind, shape))
        return f"{self._prefix}{name}"

    def _constant(self, name: str, array: object) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(array), f"{self._prefix}{name}"))
        return f"{self._prefix}{name}"

    def _node(self, op_type: str, inputs: Sequence[str], name: str, **attributes: object) -> str:
        result = f"{self._prefix}{name}"
        self.nodes.append(helper.make_node(op_type, list(inputs), [result], name=result, **attributes))
        return result


def _attributes(kernel: Kernel) -> dict[str, object]:
    if kernel.op_type not in CONVOLUTIONS:
        return {}
    before = [pad // 2 for pad in kernel.pads]
    after = [pad - pad // 2 for pad in kernel.pads]
    return {
        "kernel_shape": list(kernel.kernel),
        "strides": list(kernel.strides),
        "dilations": list(kernel.dilations),
        "pads": [*before, *after],
        "group": kernel.group,
    }
