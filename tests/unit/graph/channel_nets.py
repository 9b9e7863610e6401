"""Small networks made on the spot, and the check that a cut leaves what the readers of channels make of the rest."""

import numpy as np
import onnx
import onnx_ir as ir
from onnx import helper, numpy_helper

from desktop_app.graph.assumptions import input_shapes
from desktop_app.graph.constants import array_of, set_tensor
from desktop_app.graph.cutting import cut_channels
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session

DTYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}


class Net:
    """Builds a model node by node; every method gives the name of what it adds."""

    def __init__(self, opset: int = 17, seed: int = 0) -> None:
        self.opset = opset
        self.rng = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.count = 0

    def _name(self, base: str) -> str:
        self.count += 1
        return f"{base}{self.count}"

    def input(self, *shape: "int | str", dtype: int = onnx.TensorProto.FLOAT) -> str:
        name = self._name("input")
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def const(self, value: object, dtype: type = np.float32, in_node: bool = False) -> str:
        name = self._name("const")
        tensor = numpy_helper.from_array(np.asarray(value, dtype), name)
        if in_node:
            self.nodes.append(helper.make_node("Constant", [], [name], name=self._name("node"), value=tensor))
        else:
            self.constants.append(tensor)
        return name

    def ints(self, *values: int, in_node: bool = False) -> str:
        return self.const(values, np.int64, in_node)

    def random(self, *shape: int) -> str:
        return self.const(self.rng.standard_normal(shape))

    def op(
        self, op_type: str, *inputs: str, outputs: int = 1, name: str = "", **attributes: object
    ) -> "str | list[str]":
        made = [self._name(op_type.lower()) for _ in range(outputs)]
        name = name or self._name(f"/{op_type}_")
        self.nodes.append(helper.make_node(op_type, list(inputs), made, name=name, **attributes))
        return made[0] if outputs == 1 else made

    def conv(self, data: str, read: int, made: int, kernel: int = 1, group: int = 1, name: str = "") -> str:
        weight = self.random(made, read // group, kernel, kernel)
        pads = [kernel // 2] * 4
        return self.op("Conv", data, weight, self.random(made), group=group, pads=pads, name=name)

    def gemm(self, data: str, read: int, made: int, name: str = "") -> str:
        return self.op("Gemm", data, self.random(made, read), self.random(made), transB=1, name=name)

    def split(self, data: str, parts: int, axis: int) -> list[str]:
        """Equal parts, as the operator set asks for them."""
        more = {"num_outputs": parts} if self.opset >= 18 else {}
        return self.op("Split", data, outputs=parts, axis=axis, **more)

    def _imports(self) -> list[onnx.OperatorSetIdProto]:
        return [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]

    def model(self, *outputs: str) -> Model:
        infos = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, "net", self.inputs, infos, self.constants)
        proto = helper.make_model(graph, opset_imports=self._imports(), ir_version=8)
        return Model(ir.from_proto(proto))


def random_keep(model: Model, rng: np.random.Generator) -> dict[int, np.ndarray]:
    """Of every group that can be cut some channels, but not all."""
    keep = {}
    for group in model.channels.groups:
        if not group.refusal:
            keep[group.id] = rng.random(group.channels) < 0.6
            keep[group.id][rng.integers(group.channels)] = True
    return keep


NO_MAKERS = {
    "BatchNormalization": (3, 4),
    "Clip": (1, 2),
    "DequantizeLinear": (1, 2),
    "Div": (1,),
    "Pow": (1,),
    "QuantizeLinear": (1, 2),
    "Where": (0,),
}
"""Inputs of operators that do not bring forth a channel: without them it would not be zero, but no number at all."""

STATES = {"GRU": 2, "LSTM": 2, "RNN": 2}
"""Where a unit is read by the next step: the last axis of this input."""


def without_reading(model: Model, keep: dict[int, np.ndarray]) -> Model:
    """A copy in which the weights that read the channels to go are zero, so that these channels do not matter."""
    return _zeroed(model, keep, _read(model))


def without_making(model: Model, keep: dict[int, np.ndarray]) -> Model:
    """A copy in which all that makes the channels to go is zero."""
    made = {(weight.constant, weight.output) for weight in model.channels.weights.values()}
    return _zeroed(model, keep, _all(model, keep) - (_read(model) - made))


def without_either(model: Model, keep: dict[int, np.ndarray]) -> Model:
    """A copy in which all that makes or reads the channels to go is zero."""
    return _zeroed(model, keep, _all(model, keep) | _read(model))


def _read(model: Model) -> set[tuple[str, int]]:
    """The axes of constants that read channels."""
    states = {(node.inputs[2].name, 2) for node in model.graph if node.op_type in STATES}
    return {(weight.constant, weight.input) for weight in model.channels.weights.values()} | states


def _all(model: Model, keep: dict[int, np.ndarray]) -> set[tuple[str, int]]:
    """The axes of constants on which the channels lie and that are part of what makes or reads them."""
    beside = {
        value.name
        for node in model.graph
        for place, value in enumerate(node.inputs)
        if value is not None and place in NO_MAKERS.get(node.op_type, ())
    }
    members = [member for group in keep for member in model.channels.members(group)]
    return {(member.constant, member.axis) for member in members if member.constant not in beside}


def _zeroed(model: Model, keep: dict[int, np.ndarray], places: set[tuple[str, int]]) -> Model:
    copy = model.clone()
    values = [*copy.graph.initializers.values(), *(value for node in copy.graph for value in node.outputs)]
    by_name = {value.name: value for value in values}
    for group, mask in keep.items():
        for member in model.channels.members(group):
            array = array_of(by_name[member.constant])
            if (member.constant, member.axis) in places and array.dtype.kind in "fi":
                gone = (member.units >= 0) & ~mask[member.units]
                array = np.moveaxis(array.copy(), member.axis, 0)
                array[gone] = 0
                set_tensor(by_name[member.constant], np.moveaxis(array, 0, member.axis))
    return copy


def random_feeds(
    model: Model, rng: np.random.Generator, samples: int = 1, length: int | None = None
) -> dict[str, np.ndarray]:
    """Inputs for some samples; their other free axes have the length that is assumed, or `length`."""
    shapes = input_shapes(model)
    feeds = {}
    for given in open_session(model).get_inputs():
        shape = [*shapes[given.name]]
        for axis, size in enumerate(given.shape):
            if not isinstance(size, int) and axis == 0:
                shape[axis] = samples
            elif not isinstance(size, int) and shape[axis] > 1 and length is not None:
                shape[axis] = length
        array = rng.standard_normal(shape)
        if given.type == "tensor(bool)":
            feeds[given.name] = array > 0
        else:
            feeds[given.name] = array.astype(DTYPES.get(given.type, given.type.removeprefix("tensor(")[:-1]))
    return feeds


def outputs(model: Model, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    return open_session(model).run(None, feeds)


def assert_same(expected: list[np.ndarray], found: list[np.ndarray], tolerance: float = 1e-5) -> None:
    """Equal but for rounding, relative to the largest element."""
    for left, right in zip(expected, found, strict=True):
        assert np.shape(left) == np.shape(right)
        if np.size(left):
            scale = max(float(np.abs(left).max()), 1.0)
            np.testing.assert_allclose(np.asarray(right) / scale, np.asarray(left) / scale, atol=tolerance, rtol=0)


def assert_cut_is_exact(model: Model, seed: int = 0, groups: int = 1) -> Model:
    """Cuts all groups that can be cut, at least `groups`; gives the result."""
    rng = np.random.default_rng(seed)
    keep = random_keep(model, rng)
    assert len(keep) >= groups, [group.refusal for group in model.channels.groups]
    feeds = random_feeds(model, rng)
    cut = cut_channels(model, keep)
    assert_same(outputs(without_reading(model, keep), feeds), outputs(cut, feeds))
    return cut
