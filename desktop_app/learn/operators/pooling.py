"""Pooling."""

from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator


def global_average_pool(node: Node) -> Compute:
    """GlobalAveragePool: the mean over all spatial axes, which stay with size 1."""

    def compute(x: Tensor) -> Tensor:
        return x.mean(dim=tuple(range(2, x.dim())), keepdim=True)

    return compute


ROWS = (Operator("GlobalAveragePool", global_average_pool),)
