import numpy as np
import onnx_ir as ir
import pytest

from desktop_app.graph.model import Model
from tests.unit.graph.nets import conv_norm, net, net_proto, normal

DOUBLE = "g (float[2] x) => (float[2] y) { a = Add(x, w) y = Mul(a, v) }"


def test_nodes_get_unique_names():
    proto = net_proto(DOUBLE, w=normal(2), v=normal(2))
    for node in proto.graph.node:
        node.name = "same"
    names = [node.name for node in Model(ir.from_proto(proto)).graph]
    assert names[0] == "same"
    assert len(set(names)) == 2


@pytest.mark.parametrize(("ir_version", "listed"), [(3, ["w", "v"]), (8, ["w", "v"]), (3, ["w"])])
def test_initializers_that_the_format_lists_as_inputs_are_constants(ir_version, listed):
    assert [value.name for value in _with_inputs(ir_version, listed).graph.inputs] == ["x"]


def test_a_preset_input_stays_an_input():
    model = _with_inputs(8, ["w"])
    assert [value.name for value in model.graph.inputs] == ["x", "w"]


def test_a_clone_can_be_rewritten_without_touching_the_model():
    model = conv_norm()
    before = model.to_bytes()
    copy = model.clone()
    copy.graph.remove(copy.node("y"))
    assert model.to_bytes() == before
    assert model.node("y").op_type == "Gemm"


def test_equal_models_give_equal_bytes():
    assert conv_norm().to_bytes() == conv_norm().to_bytes()


def test_constants_and_nodes_are_found_by_name():
    model = conv_norm()
    np.testing.assert_array_equal(model.constant("b"), normal(4))
    assert model.layer("c").op_type == "Conv"
    with pytest.raises(KeyError):
        model.constant("x")


def test_nodes_of_bodies_are_counted_in():
    model = net(
        """g (bool c, float[2] x) => (float[2] y) {
            y = If(c) <then_branch = t () => (float[2] a) { a = Relu(x) },
                       else_branch = e () => (float[2] b) { b = Neg(x) }>
        }"""
    )
    assert [node.op_type for node in model.nodes] == ["If", "Relu", "Neg"]


def _with_inputs(ir_version, listed):
    proto = net_proto(DOUBLE, ir_version=ir_version, w=normal(2), v=normal(2))
    for name in listed:
        proto.graph.input.add(name=name).CopyFrom(proto.graph.input[0])
        proto.graph.input[-1].name = name
    return Model(ir.from_proto(proto))
