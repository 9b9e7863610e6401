"""Multiply-accumulates of ONNX models, and the pruning ratio that comes nearest to a share of them."""

from collections.abc import Callable
from math import prod

import onnx

TRIES = 8


def macs(model: onnx.ModelProto) -> int:
    """Multiply-accumulates of convolutions and fully connected layers, for one sample."""
    shapes = _shapes(onnx.shape_inference.infer_shapes(model))
    weights = {one.name: tuple(one.dims) for one in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        weight = weights.get(node.input[1]) if len(node.input) > 1 else None
        if node.op_type == "Conv" and weight is not None:
            total += prod(weight) * prod(shapes[node.output[0]][2:])
        elif node.op_type in ("Gemm", "MatMul") and weight is not None:
            total += prod(weight)
    return total


def nearest_ratio(model: onnx.ModelProto, pruned: Callable[[float], onnx.ModelProto], share: float) -> onnx.ModelProto:
    """Of the models that `pruned` makes at ratios found by bisection, the one whose share of the MACs is nearest."""
    whole, low, high = macs(model), 0.0, 1.0
    found: list[tuple[float, onnx.ModelProto]] = []
    for _ in range(TRIES):
        ratio = (low + high) / 2
        small = pruned(ratio)
        left = macs(small) / whole
        found.append((abs(left - share), small))
        low, high = (ratio, high) if left > share else (low, ratio)
    return min(found, key=lambda one: one[0])[1]


def _shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    values = (*model.graph.value_info, *model.graph.output)
    return {one.name: tuple(dim.dim_value for dim in one.type.tensor_type.shape.dim) for one in values}
