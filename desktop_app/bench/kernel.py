"""One operator at one size, as ONNX Runtime is to be timed on it."""

from collections.abc import Mapping, Sequence
from math import prod

import onnx_ir as ir
from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.graph.model import Model

PRODUCTS = ("Gemm", "MatMul")
CONVOLUTIONS = ("Conv", "ConvTranspose")
UNARY = (
    *("Relu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "LeakyRelu", "Elu", "Softmax"),
    *("GlobalAveragePool", "QuantizeLinear", "DequantizeLinear"),
)
BINARY = ("Add", "Mul", "Sub", "Div")
NO_INT8 = ("ConvTranspose", "QuantizeLinear", "DequantizeLinear")
MAX_DILATION = 16


class Kernel(Struct, frozen=True):
    """All that the time of an operator depends on.

    Attributes:
        op_type: Of the standard domain.
        input_shape: Of its first input, for one sample; convolutions have their channels on axis 1.
        outputs: Output channels or columns; 0 where the operator has no weight.
        kernel: Spatial extents of a convolution.
        strides: One for each of them; likewise the next two.
        pads: Before and after each spatial axis together.
        dilations: Distance of the taps.
        group: Of a convolution.
        activation: "Relu" where ONNX Runtime will fuse one into it.
        bits: 32, or 8 for u8 activations with s8 weights.
        second_shape: Of the other input of Add, Mul and the like.
    """

    op_type: str
    input_shape: tuple[int, ...]
    outputs: int = 0
    kernel: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    pads: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()
    group: int = 1
    activation: str = ""
    bits: int = 32
    second_shape: tuple[int, ...] = ()

    @property
    def weights(self) -> int:
        """Elements of its weight."""
        if self.op_type in CONVOLUTIONS:
            return self.outputs * self.input_shape[1] // self.group * prod(self.kernel)
        return self.outputs * self.input_shape[-1] if self.outputs else 0

    @property
    def depthwise(self) -> bool:
        """Whether every channel is convolved by itself."""
        return self.op_type == "Conv" and self.group == self.outputs == self.input_shape[1] > 1

    def resized(self, outputs: int | None = None, inputs: int | None = None) -> "Kernel":
        """The same with other widths.

        Args:
            outputs: Output channels; of a depthwise convolution all its channels.
            inputs: Input channels, for each group of a convolution, as `Layer.input` counts them.
        """
        outputs = self.outputs if outputs is None else outputs
        if self.depthwise:
            return replace(self, outputs=outputs, group=outputs, input_shape=_with(self.input_shape, 1, outputs))
        if inputs is None:
            return replace(self, outputs=outputs)
        axis = 1 if self.op_type in CONVOLUTIONS else len(self.input_shape) - 1
        return replace(self, outputs=outputs, input_shape=_with(self.input_shape, axis, inputs * self.group))


def kernel_of_layer(layer: Layer, bits: int = 32) -> Kernel | None:
    """The kernel of a row of the layer table; None where there is none to be timed.

    The row does not tell strides and padding: they are taken such that the sizes come out right. Convolutions get a
    Relu, which costs next to nothing: ONNX Runtime fuses it.
    """
    shape = tuple(max(size, 1) for size in layer.input_shape)
    if layer.op_type in PRODUCTS and shape:
        return Kernel(layer.op_type, shape, layer.output.size, bits=bits)
    known = len(shape) == len(layer.output_shape) == 2 + len(layer.kernel) and min(layer.output_shape) > 0
    if layer.op_type != "Conv" or not layer.kernel or not known:
        return None
    axes = [
        _window(wide, out, extent)
        for wide, out, extent in zip(shape[2:], layer.output_shape[2:], layer.kernel, strict=True)
    ]
    strides, pads, dilations = (tuple(part) for part in zip(*axes, strict=True))
    group = layer.convolution_groups
    return Kernel("Conv", shape, layer.output.size, layer.kernel, strides, pads, dilations, group, "Relu", bits)


def kernel_of_node(node: ir.Node, shapes: Mapping[str, tuple[int, ...]], bits: int = 32) -> Kernel | None:
    """The kernel of a node, with its own strides and padding; None where there is none to be timed.

    Args:
        node: A node of the main graph.
        shapes: Value name to shape for one sample (`Model.shapes`).
        bits: 32 or 8.
    """
    if node.domain not in ("", "ai.onnx") or not node.inputs:
        return None
    shape, *others = [_shape(value, shapes) for value in node.inputs]
    if not shape:
        return None
    if node.op_type in UNARY:
        return Kernel(node.op_type, shape, bits=bits)
    if node.op_type in BINARY:
        return Kernel(node.op_type, shape, bits=bits, second_shape=others[0])
    if node.op_type in PRODUCTS and len(others[0]) == 2:
        columns = others[0][0 if node.attributes.get_int("transB", 0) else 1]
        return Kernel(node.op_type, shape, columns, bits=bits)
    if node.op_type in CONVOLUTIONS and len(shape) == len(others[0]) > 2:
        return _convolution(node, shape, others[0], _shape(node.outputs[0], shapes), bits)
    return None


def kernels_of(model: Model, bits: Mapping[str, int] | None = None) -> dict[str, Kernel]:
    """Node name to kernel, for every node of the main graph that can be timed; activations that fuse are left out.

    Args:
        model: A float model.
        bits: Name of a node to its bits, where they are not 32.
    """
    fused = {one.name for node in model.graph if (one := _fused_activation(node)) is not None}
    found: dict[str, Kernel] = {}
    for node in model.graph:
        kernel = (
            None if node.name in fused else kernel_of_node(node, model.shapes, (bits or {}).get(node.name or "", 32))
        )
        if kernel is not None:
            found[node.name or ""] = kernel
    return found


def _convolution(
    node: ir.Node, shape: tuple[int, ...], weight: tuple[int, ...], output: tuple[int, ...], bits: int
) -> Kernel:
    extents, group = weight[2:], node.attributes.get_int("group", 1)
    ones = (1,) * len(extents)
    strides = tuple(node.attributes.get_ints("strides", ones))
    dilations = tuple(node.attributes.get_ints("dilations", ones))
    each = tuple(node.attributes.get_ints("pads", (0,) * (2 * len(extents))))
    pads = tuple(before + after for before, after in zip(each[: len(extents)], each[len(extents) :], strict=True))
    if node.attributes.get_string("auto_pad", "NOTSET").startswith("SAME") and len(output) == len(shape):
        pads = tuple(
            max((out - 1) * stride + dilation * (extent - 1) + 1 - wide, 0)
            for out, stride, dilation, extent, wide in zip(
                output[2:], strides, dilations, extents, shape[2:], strict=True
            )
        )
    activation = "" if _fused_activation(node) is None else "Relu"
    outputs = weight[1] * group if node.op_type == "ConvTranspose" else weight[0]
    return Kernel(node.op_type, shape, outputs, extents, strides, pads, dilations, group, activation, bits)


def _fused_activation(node: ir.Node) -> ir.Node | None:
    """The Relu or Clip that ONNX Runtime computes together with the convolution."""
    if node.op_type != "Conv" or node.outputs[0].is_graph_output():
        return None
    uses = tuple(node.outputs[0].uses())
    return uses[0].node if len(uses) == 1 and uses[0].node.op_type in ("Relu", "Clip") else None


def _window(wide: int, out: int, extent: int) -> tuple[int, int, int]:
    """Stride, padding and dilation by which `extent` taps make `out` positions of `wide`."""
    for stride in (max(wide // out, 1), -(-wide // out)):
        for dilation in range(1, MAX_DILATION + 1):
            pad = (out - 1) * stride + dilation * (extent - 1) + 1 - wide
            if pad >= 0 or (pad > -stride):
                return stride, max(pad, 0), dilation
            if extent == 1:
                break
    return max(wide // out, 1), 0, 1


def _shape(value: ir.Value | None, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """For one sample, what is not known as 1; empty where nothing is known."""
    if value is None:
        return ()
    if value.const_value is not None:
        return tuple(value.const_value.shape.numpy())
    return tuple(max(size, 1) for size in shapes.get(value.name or "", ()))


def _with(sizes: Sequence[int], index: int, size: int) -> tuple[int, ...]:
    return (*sizes[:index], size, *sizes[index + 1 :])
