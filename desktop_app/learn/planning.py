"""What a differentiable copy will run, settled before anything runs: the nodes in order, and what is known of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx_ir as ir
import torch
from onnx_ir.passes.common import InlinePass
from torch import Tensor

from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.learn.operators.base import Compute, Mode, Node, UntrainableError
from desktop_app.learn.operators.table import build, operator

FLOATS = frozenset({ir.DataType.FLOAT, ir.DataType.FLOAT16, ir.DataType.BFLOAT16, ir.DataType.DOUBLE})
MOVERS = frozenset({"Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Cast"})
"""A weight may pass through these on its way to the node that it is a weight of."""
COMPUTABLE = FLOATS | {
    ir.DataType.BOOL,
    ir.DataType.UINT8,
    *(ir.DataType.INT8, ir.DataType.INT16, ir.DataType.INT32, ir.DataType.INT64),
}
"""Element types that torch computes with."""
READERS = {
    "QuantizeLinear": frozenset({ir.DataType.UINT16}),
    "DequantizeLinear": frozenset(
        {ir.DataType.UINT16, ir.DataType.INT4, ir.DataType.UINT4, ir.DataType.INT2, ir.DataType.UINT2}
    ),
}
"""These read other integers too, and turn them into numbers that torch computes with."""
BY_MODE = frozenset({"Dropout", "BatchNormalization"})
"""What these compute depends on whether the module trains, so that they run even where all their inputs are known."""
NEWEST = 10**6
"""Which inputs are weights does not depend on the version."""
ARITHMETIC = frozenset({"Add", "Sub", "Mul", "Div"})


@dataclass(frozen=True)
class Call:
    """A node ready to run: its function, where it reads and writes, and which values nobody reads after it."""

    node: str
    compute: Compute
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    last: tuple[str, ...] = ()

    def run(self, values: dict[str, Any]) -> None:
        """Adds the outputs to the values."""
        found = self.compute(*[values[name] for name in self.reads])
        if len(self.writes) == 1:
            values[self.writes[0]] = found[0] if isinstance(found, tuple) else found
        else:
            values.update(zip(self.writes, found, strict=False))


@dataclass
class Plan:
    """The calls of a module and the tensors that they start from.

    Attributes:
        calls: In order.
        weights: Initializer name to what is trained.
        settings: Initializer name to what is not.
        computed: Values that depend on settings alone, computed once.
    """

    calls: list[Call] = field(default_factory=list)
    weights: dict[str, Tensor] = field(default_factory=dict)
    settings: dict[str, Tensor] = field(default_factory=dict)
    computed: dict[str, Tensor] = field(default_factory=dict)


def inlined(model: Model) -> Model:
    """The model with its functions written out; the model itself where it has none."""
    if not model.ir.functions:
        return model
    copy = model.ir.clone()
    InlinePass()(copy)
    return Model(copy)


def planned(
    model: Model, nodes: Sequence[ir.Node], given: Collection[str], outputs: Collection[str], mode: Mode
) -> Plan:
    """Settles what is to be run; whatever depends on constants alone (shapes, masks) is computed here, once.

    Raises:
        UntrainableError: for the first node without a differentiable counterpart.
    """
    trained = _trained(nodes, given)
    plan = Plan()
    known: dict[str, np.ndarray] = {}
    for node in nodes:
        for value in node.inputs:
            _take(node, value, given, trained, plan, known)
        constants = tuple(None if value is None else known.get(value.name or "") for value in node.inputs)
        view = view_of(model, node, constants, mode)
        _refuse_elements(view, node.inputs)
        call = Call(view.name, build(view), _names(node.inputs), _names(node.outputs))
        free = all(value is None or value.name in known for value in node.inputs)
        if free and node.op_type not in BY_MODE:
            _compute_now(call, plan, known)
        else:
            plan.calls.append(call)
    _take_outputs(model, outputs, given, plan)
    plan.calls = _with_last(plan.calls, outputs)
    read = {name for call in plan.calls for name in call.reads} | {*outputs}
    plan.settings = {name: tensor for name, tensor in plan.settings.items() if name in read}
    plan.computed = {name: tensor for name, tensor in plan.computed.items() if name in read}
    return plan


def view_of(model: Model, node: ir.Node, constants: Sequence[np.ndarray | None], mode: Mode) -> Node:
    """The node as the operator table sees it."""
    domain = _domain(node)
    opset = model.opset if not domain else model.ir.opset_imports.get(domain, 1)
    attributes = {name: _plain(attribute) for name, attribute in node.attributes.items() if not attribute.is_ref()}
    outputs = max((place + 1 for place, value in enumerate(node.outputs) if value.name), default=1)
    return Node(node.name or "", node.op_type, domain, opset, attributes, constants, outputs, mode)


def tensor_of_array(array: np.ndarray) -> Tensor:
    """A copy of an array; half precision becomes single and integers below 8 bits get 8, in which they are exact.

    Raises:
        TypeError: for elements that torch does not have.
    """
    name = array.dtype.name
    if name in ("float16", "bfloat16"):
        array = array.astype(np.float32)
    elif name in ("int2", "int4", "uint2", "uint4"):
        array = array.astype(np.int8 if name.startswith("int") else np.uint8)
    return torch.from_numpy(np.array(array, order="C"))


def _take(
    node: ir.Node,
    value: ir.Value | None,
    given: Collection[str],
    trained: Collection[str],
    plan: Plan,
    known: dict[str, np.ndarray],
) -> None:
    """Makes a tensor of a constant that a node reads, once."""
    name = "" if value is None else value.name or ""
    if not name or name in given or name in known or name in plan.weights:
        return
    array = array_of(value)
    if array is None:
        return
    try:
        tensor = tensor_of_array(array)
    except TypeError:
        reason = f"its input {name} has elements that cannot be computed with here"
        raise UntrainableError(f"{node.name} ({node.op_type}): {reason}") from None
    if name in trained:
        plan.weights[name] = tensor
    else:
        plan.settings[name] = tensor
        known[name] = array


def _refuse_elements(view: Node, inputs: Sequence[ir.Value | None]) -> None:
    """Refuses what is no plain tensor of numbers, as far as the model says so."""
    for value in inputs:
        if value is None or value.type is None or value.dtype == ir.DataType.UNDEFINED:
            continue
        if not isinstance(value.type, ir.TensorType):
            raise view.refuse(f"its input {value.name} is no tensor")
        if value.dtype not in COMPUTABLE | READERS.get(view.op_type, frozenset()):
            raise view.refuse(f"its input {value.name} has elements that cannot be computed with here")


def _take_outputs(model: Model, outputs: Collection[str], given: Collection[str], plan: Plan) -> None:
    """Constants that are outputs themselves."""
    values = {value.name: value for value in model.graph.outputs}
    values |= {value.name: value for value in model.graph.initializers.values()}
    for name in outputs:
        array = array_of(values.get(name)) if name not in given and name not in plan.weights else None
        if array is not None:
            plan.settings[name] = tensor_of_array(array)


@torch.no_grad()
def _compute_now(call: Call, plan: Plan, known: dict[str, np.ndarray]) -> None:
    values: dict[str, Any] = {**plan.settings, **plan.computed, "": None}
    call.run(values)
    for name in call.writes:
        if name and isinstance(values.get(name), Tensor):
            plan.computed[name] = values[name].contiguous()
            known[name] = plan.computed[name].numpy()


def _with_last(calls: Sequence[Call], outputs: Collection[str]) -> list[Call]:
    """The calls, each with the values that it is the last to read."""
    computed = {name for call in calls for name in call.writes}
    seen: set[str] = {*outputs, ""}
    marked: list[Call] = []
    for call in reversed(calls):
        fresh = {name for name in (*call.reads, *call.writes) if name in computed and name not in seen}
        seen |= fresh
        marked.append(Call(call.node, call.compute, call.reads, call.writes, tuple(sorted(fresh))))
    return marked[::-1]


def _trained(nodes: Sequence[ir.Node], given: Collection[str]) -> set[str]:
    """Initializers of float that some node reads as a weight. A lone number that is added or multiplied is none."""
    names: set[str] = set()
    for node in nodes:
        row = operator(_domain(node), node.op_type, NEWEST)
        for index in row.weights if row is not None else ():
            value = _source(node.inputs[index]) if index < len(node.inputs) else None
            if value is None or value.name in given or not value.is_initializer() or value.const_value is None:
                continue
            array = value.const_value
            if array.dtype in FLOATS and (array.size > 1 or node.op_type not in ARITHMETIC):
                names.add(value.name or "")
    return names


def _source(value: ir.Value | None) -> ir.Value | None:
    """Where a weight is stored that is only turned or renamed before it is used."""
    while value is not None and (node := value.producer()) is not None:
        if node.op_type not in MOVERS or node.domain not in ("", "ai.onnx"):
            return None
        value = node.inputs[0]
    return value


def _domain(node: ir.Node) -> str:
    return "" if node.domain == "ai.onnx" else node.domain


def _names(values: Sequence[ir.Value | None]) -> tuple[str, ...]:
    return tuple("" if value is None else value.name or "" for value in values)


def _plain(attribute: ir.Attr) -> object:
    """An attribute as a Python value."""
    if attribute.type == ir.AttributeType.TENSOR:
        return attribute.as_tensor().numpy()
    if attribute.type in (ir.AttributeType.INTS, ir.AttributeType.FLOATS, ir.AttributeType.STRINGS):
        return list(attribute.value)
    return attribute.value


def refusals(model: Model) -> Mapping[str, str]:
    """Node name to the reason why it cannot be trained through; empty where the whole model can."""
    found: dict[str, str] = {}
    model = inlined(model)
    for node in model.graph:
        if node.op_type == "Constant" and _domain(node) == "":
            continue
        try:
            view = view_of(model, node, tuple(array_of(value) for value in node.inputs), Mode())
            _refuse_elements(view, node.inputs)
            build(view)
        except UntrainableError as error:
            found[node.name or ""] = str(error)
    return found
