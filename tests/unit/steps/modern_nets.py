"""Nets of the kinds of MobileNetV3 and EfficientNet: inverted residuals, squeeze and excitation, HardSwish or SiLU."""

from collections.abc import Callable

import numpy as np

from desktop_app.graph.model import Model
from tests.unit.steps.int8_nets import Net

Blocks = tuple[tuple[int, int, int, int, bool], ...]
"""Kernel, expanded channels, output channels, stride, whether squeezed and excited; of each block."""

V3_BLOCKS: Blocks = (
    (3, 16, 16, 2, True),
    (3, 72, 24, 2, False),
    (3, 88, 24, 1, False),
    (5, 96, 40, 2, True),
    (5, 240, 40, 1, True),
    (5, 120, 48, 1, True),
    (5, 288, 96, 2, True),
    (5, 576, 96, 1, True),
)
B0_BLOCKS: Blocks = (
    (3, 32, 16, 1, True),
    (3, 96, 24, 2, True),
    (3, 144, 24, 1, True),
    (5, 144, 40, 2, True),
    (3, 240, 80, 2, True),
    (5, 480, 112, 1, True),
    (5, 672, 192, 2, True),
)


def mobilenet_v3(side: int = 224, blocks: Blocks = V3_BLOCKS, *, decomposed: bool = False) -> Model:
    """Like MobileNetV3-small; `decomposed` writes HardSwish as older exporters do, x * HardSigmoid(x)."""

    def hard_swish(net: Net, name: str, read: str) -> str:
        if not decomposed:
            return net.op("HardSwish", [read], name)
        gate = net.op("HardSigmoid", [read], f"{name}_gate", alpha=1 / 6, beta=0.5)
        return net.op("Mul", [read, gate], name)

    return _inverted_residuals(
        side, blocks, hard_swish, lambda net, name, read: net.op("HardSigmoid", [read], name, alpha=1 / 6, beta=0.5)
    )


def efficientnet(side: int = 224, blocks: Blocks = B0_BLOCKS) -> Model:
    """Like EfficientNet-B0."""

    def silu(net: Net, name: str, read: str) -> str:
        return net.op("Mul", [read, net.op("Sigmoid", [read], f"{name}_gate")], name)

    return _inverted_residuals(side, blocks, silu, lambda net, name, read: net.op("Sigmoid", [read], name))


Activation = Callable[[Net, str, str], str]


def _inverted_residuals(side: int, blocks: Blocks, activation: Activation, gate: Activation) -> Model:
    net = Net(opset=17)
    value, channels = activation(net, "stem_act", _conv(net, "stem", "x", 3, 16, 3, 2)), 16
    for number, (kernel, wide, outputs, stride, squeezed) in enumerate(blocks):
        value = _block(
            net, f"b{number}", value, (channels, wide, outputs), (kernel, stride), squeezed, activation, gate
        )
        channels = outputs
    value = activation(net, "head_act", _conv(net, "head", value, channels, 6 * channels, 1, 1))
    net.op("GlobalAveragePool", [value], "pooled")
    net.op("Flatten", ["pooled"], "flat")
    net.op(
        "Gemm",
        ["flat", net.weight("classifier.weight", 100, 6 * channels), net.weight("classifier.bias", 100)],
        "y",
        transB=1,
    )
    return net.model(["n", 3, side, side], "y")


def _block(
    net: Net,
    name: str,
    read: str,
    widths: tuple[int, int, int],
    window: tuple[int, int],
    squeezed: bool,
    activation: Activation,
    gate: Activation,
) -> str:
    channels, wide, outputs = widths
    kernel, stride = window
    value = activation(net, f"{name}_a1", _conv(net, f"{name}_expand", read, channels, wide, 1, 1))
    value = activation(net, f"{name}_a2", _conv(net, f"{name}_depth", value, wide, wide, kernel, stride, wide))
    if squeezed:
        less = max(wide // 4 // 8 * 8, 8)
        pooled = net.op("GlobalAveragePool", [value], f"{name}_pool")
        squeeze = net.op("Relu", [_conv(net, f"{name}_squeeze", pooled, wide, less, 1, 1)], f"{name}_relu")
        excite = gate(net, f"{name}_gate", _conv(net, f"{name}_excite", squeeze, less, wide, 1, 1))
        value = net.op("Mul", [value, excite], f"{name}_scaled")
    value = _conv(net, f"{name}_project", value, wide, outputs, 1, 1)
    return net.op("Add", [value, read], f"{name}_sum") if stride == 1 and channels == outputs else value


def _conv(net: Net, name: str, read: str, channels: int, outputs: int, kernel: int, stride: int, group: int = 1) -> str:
    weight = net.weight(f"{name}.weight", outputs, channels // group, kernel, kernel)
    bias = net.constant(f"{name}.bias", (0.1 * net.rng.standard_normal(outputs)).astype(np.float32))
    pads = [kernel // 2] * 4
    return net.op("Conv", [read, weight, bias], name, pads=pads, group=group, strides=[stride, stride])
