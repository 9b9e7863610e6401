"""Activation functions."""

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.arguments import listed
from desktop_app.learn.operators.arithmetic import plain
from desktop_app.learn.operators.base import Compute, Node, Operator


def clip(node: Node) -> Compute:
    """Clip: bounds are attributes before opset 11 and inputs from there on. The gradient passes between them."""
    low, high = listed(node, 1, "min"), listed(node, 2, "max")

    def compute(x: Tensor, lower: Tensor | None = None, upper: Tensor | None = None) -> Tensor:
        least, most = (None if found is None else found[0] for found in (low(lower), high(upper)))
        if least is None and most is None:
            return x
        if least is not None and most is not None and least < most and x.is_floating_point():
            return F.hardtanh(x, least, most)  # its gradient costs half of clamp's
        return torch.clamp(x, least, most)

    return compute


def leaky_relu(node: Node) -> Compute:
    """LeakyRelu."""
    slope = node.attribute("alpha", 0.01)
    return lambda x: F.leaky_relu(x, slope)


def prelu(node: Node) -> Compute:
    """PRelu: before opset 7 the slopes are one for each channel."""

    def compute(x: Tensor, slope: Tensor) -> Tensor:
        if node.opset < 7 and slope.dim() == 1 and x.dim() > 1:
            slope = slope.reshape(-1, *(1,) * (x.dim() - 2))
        return torch.where(x < 0, x * slope, x)

    return compute


def hard_sigmoid(node: Node) -> Compute:
    """HardSigmoid: a line between 0 and 1."""
    slope, shift = node.attribute("alpha", 0.2), node.attribute("beta", 0.5)
    return lambda x: torch.clamp(x * slope + shift, 0.0, 1.0)


def elu(node: Node) -> Compute:
    """Elu (Clevert et al., 2015)."""
    alpha = node.attribute("alpha", 1.0)
    return lambda x: F.elu(x, alpha)


def selu(node: Node) -> Compute:
    """Selu (Klambauer et al., 2017), whose constants are attributes."""
    alpha, gamma = (
        node.attribute("alpha", 1.67326319217681884765625),
        node.attribute("gamma", 1.05070102214813232421875),
    )
    return lambda x: gamma * F.elu(x, alpha)


def celu(node: Node) -> Compute:
    """Celu (Barron, 2017)."""
    alpha = node.attribute("alpha", 1.0)
    return lambda x: F.celu(x, alpha)


def gelu(node: Node) -> Compute:
    """Gelu (Hendrycks and Gimpel, 2016), exact or by its approximation with tanh."""
    approximate = node.attribute("approximate", "none")
    return lambda x: F.gelu(x, approximate=approximate)


def swish(node: Node) -> Compute:
    """Swish: x sigmoid(alpha x)."""
    alpha = node.attribute("alpha", 1.0)
    return F.silu if alpha == 1.0 else lambda x: x * torch.sigmoid(alpha * x)


def thresholded_relu(node: Node) -> Compute:
    """ThresholdedRelu: nothing below alpha."""
    alpha = node.attribute("alpha", 1.0)
    return lambda x: torch.where(x > alpha, x, torch.zeros_like(x))


def shrink(node: Node) -> Compute:
    """Shrink: nothing between -lambd and lambd, the rest moved by the bias towards zero."""
    limit, bias = node.attribute("lambd", 0.5), node.attribute("bias", 0.0)

    def compute(x: Tensor) -> Tensor:
        zero = torch.zeros_like(x)
        return torch.where(x < -limit, x + bias, torch.where(x > limit, x - bias, zero))

    return compute


ROWS = (
    Operator("Relu", plain(torch.relu)),
    Operator("Sigmoid", plain(torch.sigmoid)),
    Operator("Tanh", plain(torch.tanh)),
    Operator("Softplus", plain(F.softplus)),
    Operator("Softsign", plain(F.softsign)),
    Operator("Mish", plain(F.mish)),
    Operator("HardSigmoid", hard_sigmoid),
    Operator("HardSwish", plain(F.hardswish)),
    Operator("LeakyRelu", leaky_relu),
    Operator("PRelu", prelu, weights=(1,)),
    Operator("Elu", elu),
    Operator("Selu", selu),
    Operator("Celu", celu),
    Operator("Gelu", gelu),
    Operator("Swish", swish),
    Operator("ThresholdedRelu", thresholded_relu),
    Operator("Shrink", shrink),
    Operator("Clip", clip),
)
