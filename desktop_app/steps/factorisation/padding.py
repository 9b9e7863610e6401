"""A convolution's padding in numbers, as small kernels need it that take the place of a large one."""

import onnx_ir as ir

from desktop_app.core.layer import Layer
from desktop_app.graph.assumptions import assumed_inputs
from desktop_app.graph.model import Model

UNKNOWN = "its padding depends on the size of the picture, which is not known"


def unknown_padding(model: Model, layer: Layer) -> str:
    """Why the padding cannot be written down: it differs with the size of the picture; empty where it can."""
    moves = max(layer.strides, default=1) > 1
    known = len(layer.input_shape) == 2 + len(layer.kernel) and min(layer.input_shape) > 0
    if not moves or not _mode(model.node(layer.name)).startswith("SAME"):
        return ""
    return "" if known and not assumed_inputs(model) else UNKNOWN


def pads_of(node: ir.Node, layer: Layer) -> tuple[int, ...]:
    """Padding before every axis, and then behind them. Of `auto_pad`, as the operator's specification says."""
    mode, spatial = _mode(node), len(layer.kernel)
    if not mode.startswith("SAME"):
        given = node.attributes.get("pads")
        return (0,) * 2 * spatial if given is None or mode == "VALID" else tuple(given.as_ints())
    strides, dilations = (given or (1,) * spatial for given in (layer.strides, layer.dilations))
    sizes = layer.input_shape[2:] or (1,) * spatial
    totals = [
        max((-(-size // stride) - 1) * stride + dilation * (extent - 1) + 1 - size, 0)
        for size, extent, stride, dilation in zip(sizes, layer.kernel, strides, dilations, strict=True)
    ]
    less, more = [total // 2 for total in totals], [total - total // 2 for total in totals]
    return (*less, *more) if mode == "SAME_UPPER" else (*more, *less)


def _mode(node: ir.Node) -> str:
    return node.attributes.get_string("auto_pad", "NOTSET") or "NOTSET"
