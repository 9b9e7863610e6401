"""A layer that is factorised, as a linear system: what it reads, its weight as a matrix, its bias."""

from dataclasses import dataclass, replace

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.reader import MAX_UNKNOWNS, Reader, as_reader
from desktop_app.steps.targets import LayerWeight


@dataclass(frozen=True)
class Bias:
    """A layer's bias as it is added, (outputs,); None where it is not known. `may_change`: a constant in its place."""

    values: np.ndarray | None
    may_change: bool


@dataclass(frozen=True)
class System:
    """A layer and all that its factors are fitted by.

    Attributes:
        layer: Its row.
        weight: Its stored weight.
        bias: Its bias.
        reader: What it multiplies its weight with, from data; None where that cannot be told.
    """

    layer: Layer
    weight: LayerWeight
    bias: Bias
    reader: Reader | None

    @property
    def kernel(self) -> tuple[int, ...]:
        """Spatial extents of the kernel; empty for a matrix."""
        return self.layer.kernel if self.weight.node.op_type == "Conv" else ()

    @property
    def wide(self) -> bool:
        """Whether the second moments of what one output is summed over would take too much memory."""
        return self.layer.input.size * int(np.prod(self.kernel)) > MAX_UNKNOWNS

    def drafted(self) -> "System":
        """The same, fitted on few rows."""
        return self if self.reader is None else replace(self, reader=replace(self.reader, draft=True))

    def matrix(self) -> np.ndarray:
        """The weight by which inputs become outputs, (outputs, inputs and kernel)."""
        node, array = self.weight.node, self.weight.array()
        attributes = node.attributes
        outputs_first = node.op_type == "Conv" or (node.op_type == "Gemm" and attributes.get_int("transB", 0) != 0)
        matrix = array.reshape(len(array), -1) if outputs_first else array.T
        return matrix * attributes.get_float("alpha", 1.0) if node.op_type == "Gemm" else matrix

    @property
    def offset(self) -> np.ndarray:
        """The bias, zeros where there is none."""
        return np.zeros(self.layer.output.size) if self.bias.values is None else self.bias.values


def system_of(model: Model, layer: Layer, weight: LayerWeight) -> System:
    """The linear system of a layer."""
    bias = _bias(weight, layer.output.size)
    reader = None if bias.values is None else as_reader(model, layer.name) or _scaled_reader(weight)
    return System(layer, weight, bias, reader)


def _bias(weight: LayerWeight, outputs: int) -> Bias:
    """The layer's own bias, if it is a vector of constants."""
    value = weight.node.inputs[2] if len(weight.node.inputs) > 2 else None
    if value is None:
        return Bias(np.zeros(outputs), may_change=False)
    array = array_of(value)
    if array is None or array.dtype != np.float32 or array.size != outputs or array.shape[-1] != outputs:
        return Bias(None, may_change=False)
    beta = weight.node.attributes.get_float("beta", 1.0) if weight.node.op_type == "Gemm" else 1.0
    finite = bool(np.isfinite(array).all())
    return Bias(beta * array.reshape(-1).astype(np.float64) if finite else None, may_change=finite)


def _scaled_reader(weight: LayerWeight) -> Reader | None:
    """A Gemm that scales its product or its bias reads what any Gemm reads."""
    node = weight.node
    if node.op_type != "Gemm" or node.attributes.get_int("transA", 0) != 0:
        return None
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    stored_so = node.attributes.get_int("transB", 0) != 0
    return Reader(node, bias, "outputs" if stored_so else "inputs")
