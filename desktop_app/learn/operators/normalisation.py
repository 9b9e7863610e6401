"""Normalisation over a batch, a sample, a group or a channel."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.few_channels import by_batch
from desktop_app.learn.operators.base import Compute, Node, Operator

PER_CHANNEL = 21
"""From this opset on GroupNormalization has a scale for each channel; before, for each group."""


def batch_normalization(node: Node) -> Compute:
    """BatchNormalization: with the stored statistics, or, while the module trains, with those of the batch."""
    epsilon, kept = node.attribute("epsilon", 1e-5), node.attribute("momentum", 0.9)
    if not node.attribute("spatial", 1):
        raise node.refuse("it has statistics for each place")
    training_form = node.attribute("training_mode", 0) or (node.opset < 7 and not node.attribute("is_test", 0))

    def compute(x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> Any:
        if training_form:
            return _training_form(x, (scale, bias, mean, variance), kept, epsilon)
        if node.mode.training:
            found = by_batch(x, scale, bias, (mean, variance), 1.0 - kept, epsilon)
        else:
            found = F.batch_norm(x, mean, variance, scale, bias, eps=epsilon)
        return found if node.outputs == 1 else (found, mean, variance, mean, variance)

    return compute


def _training_form(x: Tensor, parameters: Sequence[Tensor], kept: float, epsilon: float) -> tuple[Tensor, ...]:
    """The training form: the running statistics are outputs."""
    scale, bias, mean, variance = parameters
    axes = (0, *range(2, x.dim()))
    found = by_batch(x, scale, bias, None, 0.0, epsilon)
    seen_mean, seen_variance = x.mean(axes), x.var(axes, unbiased=False)
    new = [old * kept + seen * (1.0 - kept) for old, seen in ((mean, seen_mean), (variance, seen_variance))]
    return found, *new, seen_mean, seen_variance


def instance_normalization(node: Node) -> Compute:
    """InstanceNormalization: over the places of each channel of each sample."""
    epsilon = node.attribute("epsilon", 1e-5)
    return lambda x, scale, bias: F.instance_norm(x, weight=scale, bias=bias, eps=epsilon)


def layer_normalization(node: Node) -> Compute:
    """LayerNormalization: over all axes from `axis` on."""
    axis, epsilon = node.attribute("axis", -1), node.attribute("epsilon", 1e-5)

    def compute(x: Tensor, scale: Tensor, bias: Tensor | None = None) -> Any:
        shape = tuple(x.shape[axis % x.dim() :])
        if node.outputs == 1 and tuple(scale.shape) == shape and (bias is None or bias.shape == scale.shape):
            return F.layer_norm(x, shape, scale, bias, epsilon)
        return normalised(x, axis, epsilon, scale, bias)

    return compute


def normalised(
    x: Tensor, axis: int, epsilon: float, scale: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """A layer normalisation, its mean, and one over its standard deviation."""
    axes = tuple(range(axis % x.dim(), x.dim()))
    mean = x.mean(axes, keepdim=True)
    centred = x - mean
    inverse = torch.rsqrt((centred * centred).mean(axes, keepdim=True) + epsilon)
    found = centred * inverse * scale
    return found if bias is None else found + bias, mean, inverse


def rms_normalization(node: Node) -> Compute:
    """RMSNormalization: layer normalisation without the mean (Zhang and Sennrich, 2019)."""
    axis, epsilon = node.attribute("axis", -1), node.attribute("epsilon", 1e-5)

    def compute(x: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
        axes = tuple(range(axis % x.dim(), x.dim()))
        inverse = torch.rsqrt((x * x).mean(axes, keepdim=True) + epsilon)
        return x * inverse * scale, inverse

    return compute


def group_normalization(node: Node) -> Compute:
    """GroupNormalization (Wu and He, 2018)."""
    groups, epsilon = node.attribute("num_groups", 1), node.attribute("epsilon", 1e-5)

    def compute(x: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        if node.opset < PER_CHANNEL:
            scale, bias = (one.repeat_interleave(x.shape[1] // groups) for one in (scale, bias))
        return F.group_norm(x, groups, scale, bias, epsilon)

    return compute


def local_response(node: Node) -> Compute:
    """LRN: by the squares of the neighbouring channels (Krizhevsky et al., 2012)."""
    size, bias = node.attribute("size", 1), node.attribute("bias", 1.0)
    alpha, beta = node.attribute("alpha", 1e-4), node.attribute("beta", 0.75)

    def compute(x: Tensor) -> Tensor:
        beside = [0, 0] * (x.dim() - 2) + [(size - 1) // 2, size // 2]
        squares = F.pad(x * x, beside).unfold(1, size, 1).sum(-1)
        return x / (bias + alpha / size * squares) ** beta

    return compute


def lp_normalization(node: Node) -> Compute:
    """LpNormalization: to length 1 along an axis."""
    axis, order = node.attribute("axis", -1), node.attribute("p", 2)

    def compute(x: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, order, dim=axis, keepdim=True)
        return torch.where(length == 0, torch.zeros_like(x), x / length)

    return compute


def mean_variance(node: Node) -> Compute:
    """MeanVarianceNormalization."""
    axes = tuple(node.attribute("axes", [0, 2, 3]))

    def compute(x: Tensor) -> Tensor:
        centred = x - x.mean(axes, keepdim=True)
        return centred / ((centred * centred).mean(axes, keepdim=True).sqrt() + 1e-9)

    return compute


def dropout(node: Node) -> Compute:
    """Dropout: drops while the module trains; in use nothing."""
    fixed = node.attributes.get("ratio")

    def compute(x: Tensor, ratio: Tensor | None = None, training: Tensor | None = None) -> tuple[Tensor, Tensor]:
        share = fixed if fixed is not None else 0.5 if ratio is None else ratio.item()
        if node.mode.training and share:
            mask = torch.rand_like(x) >= share
            return x * mask / (1.0 - share), mask
        return x, torch.ones_like(x, dtype=torch.bool)

    return compute


ROWS = (
    Operator("BatchNormalization", batch_normalization, weights=(1, 2)),
    Operator("InstanceNormalization", instance_normalization, weights=(1, 2)),
    Operator("LayerNormalization", layer_normalization, weights=(1, 2)),
    Operator("RMSNormalization", rms_normalization, weights=(1,)),
    Operator("SimplifiedLayerNormalization", rms_normalization, weights=(1,)),
    Operator("GroupNormalization", group_normalization, weights=(1, 2)),
    Operator("LRN", local_response),
    Operator("LpNormalization", lp_normalization),
    Operator("MeanVarianceNormalization", mean_variance),
    Operator("Dropout", dropout),
)
