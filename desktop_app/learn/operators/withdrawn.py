"""Experimental operators that left the standard, but stand in old files."""

import torch
from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator


def image_scaler(node: Node) -> Compute:
    """ImageScaler: one factor for all, and a bias for each channel."""
    scale = node.attribute("scale", 1.0)
    bias = torch.tensor(node.attribute("bias", [0.0]))
    return lambda x: x * scale + bias.to(x.device, x.dtype).reshape(1, -1, 1, 1)


def affine(node: Node) -> Compute:
    """Affine: alpha x + beta."""
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 0.0)
    return lambda x: alpha * x + beta


def scaled_tanh(node: Node) -> Compute:
    """ScaledTanh: alpha tanh(beta x)."""
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    return lambda x: alpha * torch.tanh(beta * x)


def parametric_softplus(node: Node) -> Compute:
    """ParametricSoftplus: alpha log(1 + exp(beta x))."""
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    return lambda x: alpha * torch.nn.functional.softplus(beta * x)


def crop(node: Node) -> Compute:
    """Crop: borders left, top, right and bottom; or, with a scale, that height and width from the corner."""
    left, top, right, bottom = node.attribute("border", [0, 0, 0, 0])
    size = node.attributes.get("scale")

    def compute(x: Tensor) -> Tensor:
        height, width = x.shape[2] - top - bottom, x.shape[3] - left - right
        if size is not None:
            height, width = size
        return x[:, :, top : top + height, left : left + width]

    return compute


ROWS = (
    Operator("ImageScaler", image_scaler),
    Operator("Affine", affine),
    Operator("ScaledTanh", scaled_tanh),
    Operator("ParametricSoftplus", parametric_softplus),
    Operator("Crop", crop),
)
