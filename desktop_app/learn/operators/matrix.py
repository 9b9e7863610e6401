"""Products of matrices."""

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator


def gemm(node: Node) -> Compute:
    """Gemm: alpha A B + beta C, either matrix transposed."""
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    flip_a, flip_b = node.attribute("transA", 0), node.attribute("transB", 0)

    def compute(a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
        a = a.t() if flip_a else a
        if alpha == beta == 1.0 and c is not None and c.dim() == 1:
            return F.linear(a, b if flip_b else b.t(), c)
        product = alpha * (a @ (b.t() if flip_b else b))
        return product if c is None else product + beta * c

    return compute


def einsum(node: Node) -> Compute:
    """Einsum."""
    equation = str(node.attributes["equation"]).replace(" ", "")
    return lambda *parts: torch.einsum(equation, *parts)


ROWS = (
    Operator("Gemm", gemm, weights=(1, 2)),
    Operator("MatMul", lambda node: torch.matmul, weights=(0, 1)),
    Operator("Einsum", einsum, weights=(1,)),
    Operator("Det", lambda node: torch.linalg.det),
)
