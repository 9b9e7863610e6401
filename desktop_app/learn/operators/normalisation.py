"""Normalisation over a batch, a sample or a channel."""

import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator


def batch_normalization(node: Node) -> Compute:
    """BatchNormalization: with the stored statistics, or, while the module trains, with those of the batch."""
    epsilon, kept = node.attribute("epsilon", 1e-5), node.attribute("momentum", 0.9)

    def compute(x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return F.batch_norm(x, mean, variance, scale, bias, node.mode.training, 1.0 - kept, epsilon)

    return compute


ROWS = (Operator("BatchNormalization", batch_normalization, weights=(1, 2)),)
