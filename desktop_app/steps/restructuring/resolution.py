"""A smaller picture behind a model's input, and what in the model must follow it."""

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from desktop_app.graph.assumptions import true_inputs
from desktop_app.graph.model import Model, nodes_of
from desktop_app.steps.editor import GraphEditor

COLOURS = (1, 3, 4)
TO_CHANNELS_FIRST = [0, 3, 1, 2]
FIRST_WITH_RESIZE = 11
"""Operator set from which Resize says where pixels lie."""

EXCESS = 0.01
"""Of a pixel: Resize rounds sizes down, and 224 times the nearest float to 160/224 may lie below 160."""


@dataclass(frozen=True)
class Picture:
    """The input that is a picture.

    Attributes:
        name: Of the value with channels before height and width: the input, or its only reader's output.
        size: Height and width of a sample; -1 where the model takes any.
    """

    name: str
    size: tuple[int, int]

    def reduced(self, share: float) -> tuple[int, int]:
        """Height and width afterwards; -1 where the model takes any."""
        height, width = (max(round(share * size), 1) if size > 0 else -1 for size in self.size)
        return height, width

    def said(self, share: float) -> str:
        """Both sizes, for a sentence; empty where the model takes any."""
        (height, width), (low, narrow) = self.size, self.reduced(share)
        return "" if -1 in self.size else f" from {height} x {width} to {low} x {narrow}"


def find_picture(model: Model) -> Picture | str:
    """The picture among the inputs, or why there is none to be reduced."""
    inputs = true_inputs(model)
    if len(inputs) != 1:
        return f"it has {len(inputs)} inputs, of which one would have to be a picture"
    (value,) = inputs
    shape = () if value.shape is None else tuple(value.shape)
    if value.dtype != ir.DataType.FLOAT or len(shape) != 4:
        return f"its input {value.name} is no picture of 32-bit floats"
    if shape[1] in COLOURS:
        return Picture(value.name or "", _size(shape[2:]))
    readers = [use.node for use in value.uses()]
    if shape[3] not in COLOURS:
        return f"none of the axes of its input {value.name} is of 1, 3 or 4 colours"
    if len(readers) == 1 and readers[0].op_type == "Transpose" and _perm(readers[0]) == TO_CHANNELS_FIRST:
        return Picture(readers[0].outputs[0].name or "", _size(shape[1:3]))
    return f"the colours of its input {value.name} come last, and it is not transposed at once"


def reduced(model: Model, picture: Picture, share: float) -> Model | str:
    """The model with its picture reduced, or why it cannot be.

    What the picture is smaller by as a whole number, a pooling averages: bilinear interpolation looks at two pixels
    each way, and would leave others out. Interpolation does the rest.
    """
    editor = GraphEditor(model)
    source = _value(editor.graph, picture.name)
    readers = [(use.node, use.idx) for use in source.uses()]
    current, nodes = source, list[ir.Node]()
    sides = list(zip(picture.size, picture.reduced(share), strict=True))
    factor = min([size // target for size, target in sides if size > 0], default=int(1.0 / share + 1e-6))
    if factor > 1:
        nodes.append(editor.node("AveragePool", [current], "reduced_input", _pooling(factor)))
        current = nodes[-1].outputs[0]
    scales = [_scale(size, target, factor, share) for size, target in sides]
    if any(abs(scale - 1.0) > EXCESS for scale in scales):
        if model.opset < FIRST_WITH_RESIZE:
            return (
                f"operator set {model.opset} has no exact Resize, so that only a half, a third and so on are possible"
            )
        constant = editor.constant("reduced_input_scales", np.array([1.0, 1.0, *scales], np.float32))
        nodes.append(editor.node("Resize", [current, None, constant], "reduced_input", _bilinear()))
        current = nodes[-1].outputs[0]
    producer = source.producer()
    if producer is None:
        editor.at_start(nodes)
    else:
        editor.graph.insert_after(producer, nodes)
    for node, index in readers:
        editor.replace_input(node, index, current)
    _pool_globally(model, editor)
    _forget_shapes(editor.graph)
    return editor.finish()


def _size(axes: tuple[object, ...]) -> tuple[int, int]:
    height, width = (size if isinstance(size, int) and size > 0 else -1 for size in axes)
    return height, width


def _perm(node: ir.Node) -> list[int]:
    attribute = node.attributes.get("perm")
    return [] if attribute is None else list(attribute.as_ints())


def _value(graph: ir.Graph, name: str) -> ir.Value:
    values = (*graph.inputs, *(value for node in graph for value in node.outputs))
    return next(value for value in values if value.name == name)


def _pooling(factor: int) -> dict[str, ir.Attr]:
    sides = [factor, factor]
    return {name: ir.AttrInt64s(name, sides) for name in ("kernel_shape", "strides")}


def _bilinear() -> dict[str, ir.Attr]:
    words = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    return {name: ir.AttrString(name, word) for name, word in words.items()}


def _scale(size: int, target: int, factor: int, share: float) -> float:
    """What Resize multiplies a side by after the pooling."""
    if size < 0:
        return share * factor
    left = size // factor
    return 1.0 if left == target else (target + EXCESS) / left


def _pool_globally(model: Model, editor: GraphEditor) -> None:
    """Poolings over all of a picture are over all of the smaller one too."""
    for node in model.graph:
        shape = model.shapes.get(node.inputs[0].name or "", ()) if node.inputs and node.inputs[0] else ()
        kernel = node.attributes.get("kernel_shape")
        if node.op_type not in ("AveragePool", "MaxPool") or kernel is None or len(node.outputs) != 1:
            continue
        pads = node.attributes.get("pads")
        if tuple(kernel.as_ints()) != shape[2:] or (pads is not None and any(pads.as_ints())):
            continue
        twin = editor.node_like(node)
        twin.op_type = f"Global{node.op_type}"
        twin.attributes.clear()


def _forget_shapes(graph: ir.Graph) -> None:
    """What the file says of the shapes inside is of the larger picture."""
    for node in nodes_of(graph):
        for value in node.outputs:
            if not value.is_graph_output():
                value.shape = None
