"""The operator table: which function stands for which operator from which version on."""

from collections import defaultdict

from desktop_app.learn.operators import (
    activation,
    arithmetic,
    attention,
    convolution,
    fused,
    fused_attention,
    gathering,
    indexing,
    layout,
    making,
    matrix,
    normalisation,
    padding,
    pooling,
    quantisation,
    recurrent,
    reduction,
    resizing,
    softmax,
    unary,
    withdrawn,
)
from desktop_app.learn.operators.base import Compute, Node, Operator

_FILES = (
    activation,
    arithmetic,
    attention,
    convolution,
    fused,
    fused_attention,
    gathering,
    indexing,
    layout,
    making,
    matrix,
    normalisation,
    padding,
    pooling,
    quantisation,
    recurrent,
    reduction,
    resizing,
    softmax,
    unary,
    withdrawn,
)

_ROWS: dict[tuple[str, str], list[Operator]] = defaultdict(list)
for _file in _FILES:
    for _row in _file.ROWS:
        _ROWS[_row.domain, _row.name].append(_row)


def operator(domain: str, name: str, opset: int) -> Operator | None:
    """The row that holds for an operator at a version of its domain; None where there is none."""
    rows = [row for row in _ROWS.get((domain, name), ()) if row.since <= opset]
    return max(rows, key=lambda row: row.since, default=None)


def build(node: Node) -> Compute:
    """The function of a node.

    Raises:
        UntrainableError: when no row holds for it, or the row does not know this form of it.
    """
    row = operator(node.domain, node.op_type, node.opset)
    if row is None:
        raise node.refuse("this operator has no differentiable counterpart here")
    return row.build(node)
