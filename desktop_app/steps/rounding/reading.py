"""A layer's weight as rows, and what those rows are multiplied with."""

from math import ceil, prod

import numpy as np

from desktop_app.graph.model import Model
from desktop_app.stats.requests import StatisticRequest, Window
from desktop_app.steps.targets import LayerWeight

ROWS = 60_000

ROWS_PER_INPUT = 16

UNLIKE_ROWS = "its operator is no Conv, Gemm or MatMul whose inputs are weighed"


def moments_request(model: Model, weight: LayerWeight, samples: int, rows: int = ROWS) -> StatisticRequest | str:
    """The statistic that gives the second moments for `as_rows`, or why there is none.

    Args:
        model: The model that the weight was read from.
        weight: The weight of a layer.
        samples: How many samples there will be.
        rows: Places that are looked at in all of them together, unless there are many inputs.
    """
    node = weight.node
    data = node.inputs[0]
    if data is None or weight.index != 1 or not has_rows(weight):
        return UNLIKE_ROWS
    if node.op_type != "Conv":
        return StatisticRequest(data.name or "", "covariance", -1)
    window = window_of(model, weight)
    if isinstance(window, str):
        return window
    rows = max(rows, ROWS_PER_INPUT * rows_shape(weight)[2])
    return StatisticRequest(data.name or "", "patch_moments", 1, window, ceil(rows / max(samples, 1)))


def rows_shape(weight: LayerWeight) -> tuple[int, int, int]:
    """Groups, outputs of each and inputs of each, as `as_rows` gives them."""
    shape = tuple(weight.tensor.shape.numpy())
    if weight.node.op_type == "Conv":
        groups = weight.node.attributes.get_int("group", 1)
        return groups, shape[0] // groups, prod(shape[1:])
    outputs, inputs = shape if weight.node.attributes.get_int("transB", 0) else shape[::-1]
    return 1, outputs, inputs


def as_rows(weight: LayerWeight, array: np.ndarray) -> np.ndarray:
    """The weight as (groups, outputs, inputs), in 64 bits; for those that have a `moments_request`."""
    is_matrix = weight.node.op_type != "Conv" and not weight.node.attributes.get_int("transB", 0)
    return (array.T if is_matrix else array).reshape(rows_shape(weight)).astype(np.float64)


def from_rows(weight: LayerWeight, rows: np.ndarray) -> np.ndarray:
    """Rows (groups, outputs, inputs) in the shape in which the weight is stored; undoes `as_rows`."""
    if weight.node.op_type == "Conv":
        return rows.reshape(tuple(weight.tensor.shape.numpy()))
    return rows[0] if weight.node.attributes.get_int("transB", 0) else np.ascontiguousarray(rows[0].T)


def window_of(model: Model, weight: LayerWeight) -> Window | str:
    """How a convolution moves; `auto_pad` is computed from the shapes as the operator's specification says."""
    attributes, kernel = weight.node.attributes, tuple(weight.tensor.shape.numpy()[2:])
    rank = len(kernel)
    strides = tuple(attributes.get_ints("strides", [1] * rank))
    dilations = tuple(attributes.get_ints("dilations", [1] * rank))
    groups, mode = attributes.get_int("group", 1), attributes.get_string("auto_pad", "NOTSET")
    if mode in ("NOTSET", ""):
        pads = tuple(attributes.get_ints("pads", [0] * 2 * rank))
        return Window(kernel, strides, dilations, pads[:rank], pads[rank:], groups)
    if mode == "VALID":
        return Window(kernel, strides, dilations, (0,) * rank, (0,) * rank, groups)
    data = weight.node.inputs[0]
    sizes = model.shapes.get("" if data is None else data.name or "", ())[2:]
    if len(sizes) != rank or min(sizes) < 1:
        return "the size of its input is not known"
    before, after = [], []
    for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        needed = max((ceil(size / stride) - 1) * stride + (width - 1) * dilation + 1 - size, 0)
        first = needed // 2 if mode == "SAME_UPPER" else needed - needed // 2
        before.append(first)
        after.append(needed - first)
    return Window(kernel, strides, dilations, tuple(before), tuple(after), groups)


def has_rows(weight: LayerWeight) -> bool:
    """Whether the weight can be seen as rows, one for each output."""
    node, dimensions = weight.node, len(weight.tensor.shape)
    if node.op_type == "Gemm":
        return not node.attributes.get_int("transA", 0)
    return (node.op_type == "Conv" and dimensions > 2) or (node.op_type == "MatMul" and dimensions == 2)
