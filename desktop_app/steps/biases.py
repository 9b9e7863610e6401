"""Where the constant is that is added to what a layer gives: a change of the layer's mean can be taken up there."""

import numpy as np

from desktop_app.graph.constants import array_of
from desktop_app.steps.storage.stored import Bias
from desktop_app.steps.targets import LayerWeight


def find_bias(weight: LayerWeight, outputs: int) -> Bias | None:
    """The layer's bias as it is, float and its own; None where there is none.

    A MatMul has none, but often an Add behind it does the same.
    """
    node, index = weight.node, 2
    if node.op_type == "MatMul":
        uses = [*node.outputs[0].uses()]
        if len(uses) != 1 or uses[0].node.op_type != "Add" or node.outputs[0].is_graph_output():
            return None
        node, index = uses[0].node, 1 - uses[0].idx
    elif node.op_type not in ("Conv", "Gemm") or _is_scaled(weight):
        return None
    value = node.inputs[index] if index < len(node.inputs) else None
    array = array_of(value)
    if value is None or array is None or array.dtype != np.float32 or len(value.uses()) > 1 or value.is_graph_output():
        return None
    fits = array.size == outputs and (array.ndim == 1 or array.shape[-1] == outputs)
    return Bias(node, index, array) if fits else None


def shifted(bias: Bias, shift: np.ndarray) -> Bias:
    """The bias with something (outputs,) added."""
    return Bias(bias.node, bias.index, (bias.array + shift.reshape(bias.array.shape)).astype(np.float32))


def _is_scaled(weight: LayerWeight) -> bool:
    attributes = weight.node.attributes
    return attributes.get_float("alpha", 1.0) != 1.0 or attributes.get_float("beta", 1.0) != 1.0
