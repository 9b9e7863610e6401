"""The layer table: every node that owns weights, with what is counted to it."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import NamedTuple

import onnx_ir as ir

from desktop_app.core.layer import Axis, Beside, Layer
from desktop_app.core.settings import KNOBS
from desktop_app.graph.constants import tensor_of
from desktop_app.graph.costs import macs_of
from desktop_app.graph.model import DECODER_KEY, ORIGIN_KEY, Model, bodies_of
from desktop_app.graph.operators import MACHINE_LEARNING, operators
from desktop_app.graph.rows import owners_of
from desktop_app.graph.rules.recurrent import GATES
from desktop_app.graph.scopes import find_scopes
from desktop_app.graph.weights import FLOATS, Slots, Weight, owned_weight, slots_of, trace

TABULAR = operators(
    "LinearClassifier LinearRegressor SVMClassifier SVMRegressor TreeEnsemble TreeEnsembleClassifier"
    " TreeEnsembleRegressor"
)
"""Operators whose weights are attributes."""

SCALED = operators("QuantizeLinear DequantizeLinear Quant FloatQuant DynamicQuantizeLinear")
"""Operators whose second input and those after it say how numbers are stored, and are no parameters."""

RESHAPES = operators("Reshape Squeeze Unsqueeze")
"""Operators behind which the axes of a stored weight are no longer those of the layer."""


class _Found(NamedTuple):
    """A node that is a layer, and where it was found.

    Attributes:
        node: The node.
        slots: Where it takes its weight; None where the weights are attributes.
        weight: The weight.
        place: Of what body it is part; empty in the main graph.
        name: Unique among the layers.
    """

    node: ir.Node
    slots: Slots | None
    weight: Weight | None
    place: str
    name: str


class _Constant(NamedTuple):
    """What a constant holds, and whether it is a vector along one axis."""

    name: str
    elements: int
    bytes: int
    is_vector: bool


class _Constants:
    """Counts what the rows' constants hold; a constant that several rows read is counted to the first of them."""

    def __init__(self) -> None:
        self._counted: set[str] = set()

    def claim(self, value: ir.Value | None, tensor: ir.TensorProtocol | None) -> _Constant | None:
        """What the tensor holds, if nobody has claimed it before."""
        if value is None or tensor is None or value.name in self._counted or tensor.dtype == ir.DataType.STRING:
            return None
        self._counted.add(value.name or "")
        shape = tensor.shape.numpy()
        elements = prod(shape)
        stored = (elements * tensor.dtype.bitwidth + 7) // 8
        return _Constant(value.name or "", elements, stored, elements == max(shape, default=1))


def find_layers(model: Model) -> tuple[Layer, ...]:
    """The layer table in execution order; the layers of a body (If, Loop, functions) follow the main graph's.

    The constants of a row are those of the layer's node and of all nodes counted to it. One that several rows share
    is counted to the first of them. Layers inside bodies are listed with a refusal for every knob.
    """
    graphs = _bodies(model)
    found = [one for place, nodes in graphs for one in _find(nodes, place)]
    owners = owners_of([nodes for _, nodes in graphs], [one.node for one in found])
    rows: dict[ir.Node, list[ir.Node]] = {one.node: [one.node] for one in found}
    for _, nodes in graphs:
        for node in nodes:
            owner = owners.get(node)
            if owner is not None and owner is not node:
                rows[owner].append(node)
    scopes = find_scopes(model, [(one.node, one.weight.value.name or "" if one.weight else "") for one in found])
    constants = _Constants()
    return tuple(_layer(model, one, rows[one.node], scope, constants) for one, scope in zip(found, scopes, strict=True))


def _bodies(model: Model) -> list[tuple[str, Sequence[ir.Node]]]:
    """The nodes of the main graph, then of every graph inside it and of every function, each with its place."""
    bodies = list(_nested("", model.graph))
    for function in model.ir.functions.values():
        bodies += _nested(f"function {function.name}", function)
    return bodies


def _nested(place: str, graph: "ir.Graph | ir.Function") -> Iterator[tuple[str, Sequence[ir.Node]]]:
    nodes = list(graph)
    yield place, nodes
    for node in nodes:
        for body in bodies_of(node):
            yield from _nested(f"{node.op_type} node {node.name}", body)


def _find(nodes: Sequence[ir.Node], place: str) -> Iterator[_Found]:
    """The layers among the nodes of one graph."""
    for index, node in enumerate(nodes):
        name = node.name or ""
        if place.startswith("function "):
            name = f"{place.removeprefix('function ')}/{name or f'{node.op_type}_{index}'}"
        if node.domain == MACHINE_LEARNING and node.op_type in TABULAR:
            yield _Found(node, None, None, place, name)
            continue
        slots = slots_of(node)
        weight = None if slots is None else owned_weight(node, slots)
        if weight is not None:
            yield _Found(node, slots, weight, place, name)


def _layer(model: Model, found: _Found, row: Sequence[ir.Node], scope: tuple[str, ...], constants: _Constants) -> Layer:
    """The row of one layer."""
    node, shapes = found.node, model.shapes
    shape, bits = _stored(found)
    output, inputs = _axes(model, found, shape)
    own = constants.claim(found.weight.value, found.weight.tensor) if found.weight else None
    elements, stored = (prod(shape), own.bytes) if own is not None else (0, 0)
    if found.slots is None:
        elements, stored = _attribute_sizes(node)
    others = [one for member in row for one in _others(member, found, constants)]
    first = node.outputs[0].name if node.outputs else None
    per_channel, otherwise = _cut_beside(model, found, output, others)
    macs, beside = macs_of(node, shapes), sum(macs_of(member, shapes) for member in row if member is not node)
    return Layer(
        name=found.name,
        op_type=f"{node.domain}.{node.op_type}" if node.domain else node.op_type,
        scope=scope,
        weight_shape=shape,
        output_shape=shapes.get(first or "", ()),
        params=elements + sum(parameters for _, parameters in others),
        macs=macs + beside,
        beside_macs=beside,
        bytes=stored + sum(one.bytes for one, _ in others),
        origin=node.metadata_props.get(ORIGIN_KEY, found.name),
        weight=found.weight.value.name or "" if found.weight else "",
        nodes=tuple(member.name or "" for member in row),
        output=output,
        input=inputs,
        per_channel=per_channel,
        beside=otherwise,
        gates=GATES.get(node.op_type, 0),
        bits=bits,
        input_shape=_input_shape(found, shapes),
        kernel=shape[2:] if found.slots is not None and found.slots.kernel else (),
        strides=_sizes(found, "strides"),
        dilations=_sizes(found, "dilations"),
        convolution_groups=node.attributes.get_int("group", 1) if found.slots and found.slots.kernel else 1,
        refusals=_refusals(found),
    )


def _sizes(found: _Found, attribute: str) -> tuple[int, ...]:
    """An attribute of a convolution that has a number for each spatial axis; empty where it is not given."""
    if found.slots is None or not found.slots.kernel:
        return ()
    given = found.node.attributes.get(attribute)
    return () if given is None else tuple(given.as_ints())


def _cut_beside(
    model: Model, found: _Found, output: Axis, others: Sequence[tuple[_Constant, int]]
) -> tuple[int, tuple[Beside, ...]]:
    """How many of the row's other constants have an element for each output, and those that are cut otherwise."""
    per_channel, otherwise = 0, []
    for one, parameters in others:
        axes = () if found.place or not parameters else model.channels.axes_of(one.name)
        if one.is_vector and axes == (output,):
            per_channel += 1
        elif axes:
            otherwise.append(Beside(parameters, axes))
    return per_channel, tuple(otherwise)


def _stored(found: _Found) -> tuple[tuple[int, ...], int]:
    """The weight's shape and bits; MatMulNBits stores (N, K) of several to a byte, and says so in attributes."""
    if found.weight is None:
        return (), 32
    if found.node.op_type == "MatMulNBits":
        attributes = found.node.attributes
        return (attributes.get_int("N", 1), attributes.get_int("K", 1)), attributes.get_int("bits", 4)
    return found.weight.shape, found.weight.bits


def _input_shape(found: _Found, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Of the first input, if the weight is not that."""
    value = found.node.inputs[0] if found.node.inputs and found.slots is not None and found.slots.weight else None
    return () if value is None else shapes.get(value.name or "", ())


def _axes(model: Model, found: _Found, shape: tuple[int, ...]) -> tuple[Axis, Axis]:
    """Output and input channels: with the groups they can be cut by, or else by their size alone."""
    if not found.place:
        output, inputs = model.channels.axes(found.name)
        if output.size > 1 or inputs.size > 1:
            return output, inputs
    slots, path = found.slots, found.weight.path if found.weight else ()
    if any(node.op_type in RESHAPES and DECODER_KEY not in node.metadata_props for node in path):
        return Axis(1), Axis(1)
    if slots is None or slots.output is None or slots.input is None or len(shape) < 2:
        return Axis(1), Axis(1)
    order = _order(found)
    return Axis(shape[order[slots.output]]), Axis(shape[order[slots.input]])


def _order(found: _Found) -> Mapping[int, int] | Sequence[int]:
    """For every axis that the operator sees, the axis of the stored weight."""
    rank = len(_stored(found)[0])
    transposed = found.node.attributes.get_int("transB", 0) if not found.slots or not found.slots.kernel else 0
    order = list(range(rank))
    for node in reversed(found.weight.path if found.weight else ()):
        if node.op_type == "Transpose":
            order = [order[axis] for axis in node.attributes.get_ints("perm", tuple(reversed(range(rank))))]
    return [*order[:-2], order[-1], order[-2]] if transposed else order


def _others(node: ir.Node, found: _Found, constants: _Constants) -> Iterator[tuple[_Constant, int]]:
    """The constants besides the weight that a node of the row reads, each with how many parameters it holds."""
    decodes = DECODER_KEY in node.metadata_props
    scales: Sequence[int] = range(0 if decodes else 1, len(node.inputs)) if decodes or node.op_type in SCALED else ()
    if node is found.node and found.slots is not None:
        scales = found.slots.scales
    for index, value in enumerate(node.inputs):
        tensor = tensor_of(value)
        behind = trace(value) if node is found.node and tensor is None else None
        if tensor is None and behind is None:
            continue
        constant = constants.claim(value, tensor) if behind is None else constants.claim(behind.value, behind.tensor)
        if constant is None:
            continue
        if behind is not None:
            yield constant, 0 if index in scales else prod(behind.shape)
        elif tensor is not None:
            is_number = tensor.dtype in FLOATS or node is found.node or node.op_type == "DequantizeLinear"
            yield constant, constant.elements if is_number and index not in scales else 0


def _attribute_sizes(node: ir.Node) -> tuple[int, int]:
    """Numbers and stored bytes of the weights that are attributes."""
    lists = [one for one in node.attributes.values() if one.type in (ir.AttributeType.FLOATS, ir.AttributeType.INTS)]
    tensors = [one.as_tensor() for one in node.attributes.values() if one.type == ir.AttributeType.TENSOR]
    numbers = sum(len(one.value) for one in lists if one.type == ir.AttributeType.FLOATS)
    stored = sum(ir.to_proto(one).ByteSize() for one in lists) + sum(tensor.nbytes for tensor in tensors)
    return numbers + sum(tensor.size for tensor in tensors), stored


def _refusals(found: _Found) -> dict[str, str]:
    """The reasons that hold for every step: where the layer is, and whose its weights are."""
    reason = ""
    if found.slots is None:
        reason = f"the weights of {found.node.op_type} are no tensors"
    elif found.place:
        reason = f"inside the body of {found.place}"
    elif found.weight is not None and found.weight.overridable:
        reason = f"its weight {found.weight.value.name} is also an input of the model, which may replace it"
    return dict.fromkeys(KNOBS, reason) if reason else {}
