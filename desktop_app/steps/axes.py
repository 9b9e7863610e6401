"""Which axes of a weight are its inputs, by operator."""

from desktop_app.steps.targets import RECURRENT, LayerWeight


def input_axes(weight: LayerWeight) -> tuple[int, int] | str:
    """The axes, from one up to but not including another, that one output sums over; or why there are none."""
    node, dimensions = weight.node, len(weight.tensor.shape)
    last = dimensions - 1
    if node.op_type == "Conv" or (node.op_type == "ConvTranspose" and node.attributes.get_int("group", 1) > 1):
        return 1, dimensions
    if node.op_type == "ConvTranspose":
        return 0, 1
    if node.op_type == "Gemm":
        transposed = bool(node.attributes.get_int("transB" if weight.index == 1 else "transA", 0))
        axis = int(transposed) if weight.index == 1 else int(not transposed)
        return axis, axis + 1
    if node.op_type == "MatMul":
        axis = max(last - 1, 0) if weight.index == 1 else last
        return axis, axis + 1
    if node.op_type in RECURRENT:
        return last, dimensions
    if node.op_type == "Gather" and dimensions > 1 and node.attributes.get_int("axis", 0) == 0:
        return 1, dimensions
    return f"{weight.layer.op_type} is not among the operators whose weights are understood"


def unfit_axes(weight: LayerWeight) -> str:
    """Why it is not known which axes are the inputs; empty where it is."""
    axes = input_axes(weight)
    return axes if isinstance(axes, str) else ""
