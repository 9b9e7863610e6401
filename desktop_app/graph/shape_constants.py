"""The small integers that a graph computes its shapes from: pads out of Concat and Slice, targets out of Shape."""

from collections.abc import Mapping

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import tensor_of
from desktop_app.graph.folding import FEEDABLE, constant_nodes, evaluate
from desktop_app.graph.model import Model
from desktop_app.graph.operators import operators

MAX_ELEMENTS = 64
"""Tensors up to this size may say a shape: the target of Reshape, the pads of Pad, the scales of Resize."""

KEEPS_SIZE = operators("Cast Identity Slice Reshape Squeeze Unsqueeze Transpose Neg Abs Floor Ceil Not Sqrt")
"""Operators whose result is no larger than what they read, so that their shape need not be known beforehand."""

MAY_GROW = operators(
    "Add Sub Mul Div Mod Min Max Pow Equal Less Greater And Or Where Concat Gather Expand Tile ConstantOfShape Range"
    " Split ReduceProd ReduceSum ReduceMax ReduceMin"
)


def small_constants(
    model: Model, shapes: Mapping[str, tuple[int, ...]], given_inputs: bool = True
) -> dict[str, np.ndarray]:
    """Value name to array, for all small values that are constant once the inputs have the given shapes.

    With `given_inputs` false only what is constant whatever the shapes of the inputs.
    """
    known = {**_stored(model), **(_sizes(model, shapes) if given_inputs else {})}

    def is_small(node: ir.Node) -> bool:
        if node.op_type in KEEPS_SIZE:
            return True
        return node.op_type in MAY_GROW and all(_is_small(shapes.get(value.name or "")) for value in node.outputs)

    nodes = constant_nodes(model.graph, known, is_small)
    return {**known, **evaluate(nodes, known, model.opset)}


def _is_small(shape: tuple[int, ...] | None) -> bool:
    return shape is not None and -1 not in shape and int(np.prod(shape, dtype=float)) <= MAX_ELEMENTS


def _stored(model: Model) -> dict[str, np.ndarray]:
    """The small initializers and Constant nodes."""
    made = [node.outputs[0] for node in model.graph if node.op_type == "Constant" and node.outputs]
    tensors = {value.name or "": tensor_of(value) for value in (*model.graph.initializers.values(), *made)}
    return {
        name: tensor.numpy()
        for name, tensor in tensors.items()
        if tensor is not None and tensor.size <= MAX_ELEMENTS and tensor.dtype in FEEDABLE
    }


def _sizes(model: Model, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """What the Shape and Size nodes give."""
    found = {}
    for node in model.graph:
        if node.op_type not in ("Shape", "Size") or node.domain or not node.inputs or node.inputs[0] is None:
            continue
        shape = shapes.get(node.inputs[0].name or "")
        if shape is None or -1 in shape:
            continue
        dims = np.array(shape, dtype=np.int64)
        if node.op_type == "Shape":
            end = node.attributes.get_int("end", None)
            found[node.outputs[0].name or ""] = dims[node.attributes.get_int("start", 0) : end]
        else:
            found[node.outputs[0].name or ""] = dims.prod()
    return found
