"""One function for each kind of submodule that the families are made of: what it becomes in ONNX, opset 17."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import onnx_ir as ir
from torch import nn

from desktop_app.zoo.blocks import Add, Resize, Scale
from desktop_app.zoo.cifar_resnet import Shortcut
from desktop_app.zoo.writing import Writer

Rule = Callable[[Writer, Any, Sequence[ir.Value]], ir.Value]
"""Writes the nodes of a submodule (of the class that it stands for in `RULES`) and gives its output."""

TO_THE_END = 2**31 - 1


def _conv(writer: Writer, module: nn.Conv2d, inputs: Sequence[ir.Value]) -> ir.Value:
    vertical, horizontal = (int(one) for one in module.padding)
    attributes: dict[str, int | Sequence[int]] = {
        "dilations": module.dilation,
        "group": module.groups,
        "kernel_shape": module.kernel_size,
        "pads": (vertical, horizontal, vertical, horizontal),
        "strides": module.stride,
    }
    return writer.node("Conv", (*inputs, *writer.parameters("weight", "bias")), attributes)


def _batch_norm(writer: Writer, module: nn.BatchNorm2d, inputs: Sequence[ir.Value]) -> ir.Value:
    parameters = writer.parameters("weight", "bias", "running_mean", "running_var")
    return writer.node("BatchNormalization", (*inputs, *parameters), {"epsilon": module.eps})


def _linear(writer: Writer, module: nn.Linear, inputs: Sequence[ir.Value]) -> ir.Value:
    return writer.node("Gemm", (*inputs, *writer.parameters("weight", "bias")), {"transB": 1})


def _relu6(writer: Writer, module: nn.ReLU6, inputs: Sequence[ir.Value]) -> ir.Value:
    return writer.node("Clip", (*inputs, writer.number("zero", 0.0), writer.number("six", 6.0)))


def _hard_sigmoid(writer: Writer, module: nn.Hardsigmoid, inputs: Sequence[ir.Value]) -> ir.Value:
    return writer.node("HardSigmoid", inputs, {"alpha": 1 / 6, "beta": 0.5})


def _silu(writer: Writer, module: nn.SiLU, inputs: Sequence[ir.Value]) -> ir.Value:
    return writer.node("Mul", (*inputs, writer.node("Sigmoid", inputs)))


def _max_pool(writer: Writer, module: nn.MaxPool2d, inputs: Sequence[ir.Value]) -> ir.Value:
    kernel, stride, padding = (
        (one, one) if isinstance(one, int) else tuple(one)
        for one in (module.kernel_size, module.stride, module.padding)
    )
    return writer.node("MaxPool", inputs, {"kernel_shape": kernel, "pads": padding * 2, "strides": stride})


def _shortcut(writer: Writer, module: Shortcut, inputs: Sequence[ir.Value]) -> ir.Value:
    if module.stride > 1:
        bounds = (
            ("starts", (0, 0)),
            ("ends", (TO_THE_END, TO_THE_END)),
            ("axes", (2, 3)),
            ("steps", (module.stride, module.stride)),
        )
        inputs = [writer.node("Slice", (*inputs, *(writer.integers(name, one) for name, one in bounds)))]
    if not module.before + module.after:
        return inputs[0]
    return writer.node("Pad", (*inputs, writer.integers("pads", (0, module.before, 0, 0, 0, module.after, 0, 0))))


def _resize(writer: Writer, module: Resize, inputs: Sequence[ir.Value]) -> ir.Value:
    scales = (1.0, 1.0, *(after / before for before, after in zip(module.before, module.after, strict=True)))
    attributes = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    return writer.node("Resize", (*inputs, None, writer.numbers("scales", scales)), attributes)


def _plain(op_type: str, **attributes: int) -> Rule:
    """A submodule that is one operator without weights."""
    return lambda writer, module, inputs: writer.node(op_type, inputs, attributes)


def _nothing(writer: Writer, module: nn.Module, inputs: Sequence[ir.Value]) -> ir.Value:
    return inputs[0]


RULES: Mapping[type[nn.Module], Rule] = {
    nn.Conv2d: _conv,
    nn.BatchNorm2d: _batch_norm,
    nn.Linear: _linear,
    nn.ReLU: _plain("Relu"),
    nn.ReLU6: _relu6,
    nn.Hardswish: _plain("HardSwish"),
    nn.Hardsigmoid: _hard_sigmoid,
    nn.SiLU: _silu,
    nn.Sigmoid: _plain("Sigmoid"),
    nn.MaxPool2d: _max_pool,
    nn.AdaptiveAvgPool2d: _plain("GlobalAveragePool"),  # the families ask for one pixel only
    nn.Flatten: _plain("Flatten", axis=1),
    nn.Identity: _nothing,
    nn.Dropout: _nothing,  # models are exported as they are evaluated
    Add: _plain("Add"),
    Resize: _resize,
    Scale: _plain("Mul"),
    Shortcut: _shortcut,
}
