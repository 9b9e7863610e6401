"""The differentiable copy of an ONNX graph."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx_ir as ir
import torch
from torch import Tensor, nn

from desktop_app.graph.constants import array_of
from desktop_app.graph.extracting import needed
from desktop_app.graph.model import Model
from desktop_app.learn.named import NamedModule
from desktop_app.learn.operators.base import Compute, Mode, Node, UntrainableError
from desktop_app.learn.operators.table import build, operator

FLOATS = frozenset({ir.DataType.FLOAT, ir.DataType.FLOAT16, ir.DataType.BFLOAT16, ir.DataType.DOUBLE})


@dataclass(frozen=True)
class Call:
    """A node ready to run: its function, where it reads and writes, and which values nobody reads after it."""

    node: str
    compute: Compute
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    last: tuple[str, ...]


class GraphModule(NamedModule):
    """A graph, or the part of it between given values, as a module whose forward pass equals ONNX Runtime's.

    Parameters are named after the initializers that they start from, and so is `state_dict`; what is no weight
    (integers, bounds, running statistics) is a buffer. Initializers of half precision are trained in single precision.

    Args:
        model: The graph.
        inputs: Values that will be given; the model's inputs by default.
        outputs: Values to compute; the model's outputs by default.

    Raises:
        UntrainableError: for the first node between them without a differentiable counterpart.
    """

    def __init__(self, model: Model, inputs: Sequence[str] = (), outputs: Sequence[str] = ()) -> None:
        super().__init__()
        graph = model.graph
        self.input_names = tuple(inputs) or tuple(value.name or "" for value in graph.inputs)
        self.output_names = tuple(outputs) or tuple(value.name or "" for value in graph.outputs)
        self._mode = Mode()
        nodes = needed(model, self.input_names, self.output_names)
        self._calls = _calls(model, nodes, self.output_names, self._mode)
        self._hold(model, nodes)

    def train(self, mode: bool = True) -> "GraphModule":
        """Sets whether normalisation uses the statistics of the batch."""
        super().train(mode)
        self._mode.training = mode
        return self

    def forward(self, inputs: Mapping[str, Tensor], also: Collection[str] = ()) -> dict[str, Tensor]:
        """The outputs, and the values named in `also`, by name.

        Activations that no later node reads are let go at once, so that memory is what the gradients need.
        """
        values: dict[str, Any] = {**self._buffers, **self._parameters, **inputs, "": None}
        kept = {*self.output_names, *also}
        for call in self._calls:
            found = call.compute(*[values[name] for name in call.reads])
            if len(call.writes) == 1:
                values[call.writes[0]] = found[0] if isinstance(found, tuple) else found
            else:
                values.update(zip(call.writes, found, strict=False))
            for name in call.last:
                if name not in kept:
                    del values[name]
        return {name: values[name] for name in kept}

    def _hold(self, model: Model, nodes: Sequence[ir.Node]) -> None:
        """Makes parameters and buffers of the constants that the nodes read. Dots in names are no modules here."""
        trained = _trained(model, nodes)
        for value in {value: None for node in nodes for value in node.inputs if value is not None}:
            array = array_of(value)
            name = value.name or ""
            if array is None or name in self.input_names:
                continue
            tensor = _tensor(array)
            if name in trained:
                self._parameters[name] = nn.Parameter(tensor)
            else:
                self._buffers[name] = tensor


def refusals(model: Model) -> dict[str, str]:
    """Node name to the reason why it cannot be trained through; empty where the whole model can."""
    found: dict[str, str] = {}
    for node in model.graph:
        if node.op_type == "Constant" and not node.domain:
            continue
        try:
            build(_view(model, node, Mode()))
        except UntrainableError as error:
            found[node.name or ""] = str(error)
    return found


def _calls(model: Model, nodes: Sequence[ir.Node], outputs: Collection[str], mode: Mode) -> tuple[Call, ...]:
    """The nodes in order, each with the values that it is the last to read."""
    constants = set(model.graph.initializers)
    seen: set[str] = set(outputs)
    calls: list[Call] = []
    for node in reversed(nodes):
        reads = tuple("" if value is None else value.name or "" for value in node.inputs)
        writes = tuple(value.name or "" for value in node.outputs)
        fresh = {name for name in (*reads, *writes) if name and name not in seen and name not in constants}
        computed = {value.name for value in node.inputs if value is not None and array_of(value) is None}
        last = tuple(sorted(name for name in fresh if name in computed or name in writes))
        seen.update(fresh)
        calls.append(Call(node.name or "", build(_view(model, node, mode)), reads, writes, last))
    return tuple(reversed(calls))


def _view(model: Model, node: ir.Node, mode: Mode) -> Node:
    """The node as the operator table sees it."""
    domain = "" if node.domain == "ai.onnx" else node.domain
    opset = model.opset if not domain else model.ir.opset_imports.get(domain, 1)
    attributes = {name: _plain(attribute) for name, attribute in node.attributes.items() if not attribute.is_ref()}
    constants = tuple(array_of(value) for value in node.inputs)
    return Node(node.name or "", node.op_type, domain, opset, attributes, constants, len(node.outputs), mode)


def _plain(attribute: ir.Attr) -> object:
    """An attribute as a Python value."""
    if attribute.type == ir.AttributeType.TENSOR:
        return attribute.as_tensor().numpy()
    if attribute.type in (ir.AttributeType.INTS, ir.AttributeType.FLOATS, ir.AttributeType.STRINGS):
        return list(attribute.value)
    return attribute.value


def _trained(model: Model, nodes: Sequence[ir.Node]) -> set[str]:
    """Initializers of float that some node reads as a weight. A lone number that is added or multiplied is none."""
    names: set[str] = set()
    for node in nodes:
        row = operator("" if node.domain == "ai.onnx" else node.domain, node.op_type, model.opset)
        for index in row.weights if row is not None else ():
            value = node.inputs[index] if index < len(node.inputs) else None
            if value is not None and value.is_initializer() and value.const_value is not None:
                array = value.const_value
                if array.dtype in FLOATS and (array.size > 1 or node.op_type not in ("Add", "Sub", "Mul", "Div")):
                    names.add(value.name or "")
    return names


def _tensor(array: np.ndarray) -> Tensor:
    """A copy of an array; half precision becomes single, in which it is exact."""
    if array.dtype.name in ("float16", "bfloat16"):
        array = array.astype(np.float32)
    return torch.from_numpy(np.array(array, order="C"))
