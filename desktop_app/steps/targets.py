"""Which layers a step is asked to change, and where their weights are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir
from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.constants import tensor_of
from desktop_app.graph.model import Model

RECURRENT = ("LSTM", "GRU", "RNN")
RECURRENCE = 2
"""The input of a recurrent operator that holds the weights of its state."""


@dataclass(frozen=True)
class LayerWeight:
    """The weight of a layer: input `index` of `node`, in the model from which it was read."""

    layer: Layer
    node: ir.Node
    index: int
    tensor: ir.TensorProtocol

    @property
    def value(self) -> ir.Value:
        """The value that the node reads."""
        value = self.node.inputs[self.index]
        if value is None:
            raise KeyError(self.layer.name)
        return value

    @property
    def name(self) -> str:
        """Name of that value."""
        return self.value.name or ""

    @property
    def sharers(self) -> tuple[str, ...]:
        """Names of the other nodes that read the same value, in subgraphs too."""
        return tuple(dict.fromkeys(use.node.name or "" for use in self.value.uses() if use.node is not self.node))

    def array(self) -> np.ndarray:
        """The values, in 64 bits: decompositions and searches are done in that."""
        return self.tensor.numpy().astype(np.float64)


def asked(model: Model, recipe: Recipe, wants: Callable[[LayerSettings], bool]) -> list[Layer]:
    """The layers that are not locked and whose settings ask for something, in execution order."""
    settings = recipe.settings_of(model.layers)
    return [layer for layer in model.layers if not settings[layer.name].locked and wants(settings[layer.name])]


def find_weight(model: Model, layer: Layer) -> LayerWeight | str:
    """The weight of a layer as 32-bit floats stored in the model, or why there is none to work on.

    Does not read the values: see `unfit_values`.
    """
    try:
        node = model.node(layer.name)
    except KeyError:
        return "it lies inside a subgraph"
    index = next((i for i, value in enumerate(node.inputs) if value is not None and value.name == layer.weight), None)
    if index is None:
        return f"its weight is stored in {layer.bits} bits already" if layer.bits < 32 else "its weight is no constant"
    value = node.inputs[index]
    if value is None or value.is_graph_input():
        return "its weight is an input of the model too, which may be given another value"
    tensor = tensor_of(value)
    if tensor is None:
        return "its weight is no constant"
    if value.is_graph_output():
        return "its weight is an output of the model too"
    if tensor.dtype != ir.DataType.FLOAT:
        return f"its weight is stored as {tensor.dtype.name.lower()}, not as 32-bit floats"
    if tensor.size == 0:
        return "its weight is empty"
    return LayerWeight(layer, node, index, tensor)


def find_weights(model: Model, layer: Layer) -> list[LayerWeight] | str:
    """All weights of a layer (a recurrent one has two), or why there is none to work on."""
    first = find_weight(model, layer)
    if isinstance(first, str) or layer.op_type not in RECURRENT:
        return first if isinstance(first, str) else [first]
    recurrence = find_weight(model, replace(layer, weight=_input_name(first.node, RECURRENCE)))
    return [first] if isinstance(recurrence, str) or recurrence.index == first.index else [first, recurrence]


def refusals(model: Model, unfit: Callable[[LayerWeight], str]) -> dict[str, str]:
    """Layer name to the reason why it has no weight to work on, or why `unfit` refuses that weight."""
    reasons: dict[str, str] = {}
    for layer in model.layers:
        weight = find_weight(model, layer)
        reason = weight if isinstance(weight, str) else unfit(weight)
        if reason:
            reasons[layer.name] = reason
    return reasons


def unfit_values(array: np.ndarray) -> str:
    """Why these values cannot be worked on; empty where they can."""
    return "" if np.isfinite(array).all() else "its weight has values that are not finite"


def _input_name(node: ir.Node, index: int) -> str:
    value = node.inputs[index] if index < len(node.inputs) else None
    return "" if value is None else value.name or ""
