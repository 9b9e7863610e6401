import numpy as np

from desktop_app.graph.rewriting import add_constant, bypass, remove_unused, replace_constant
from desktop_app.graph.runtime import open_session
from tests.unit.graph.nets import conv_norm, net, normal

X = normal(2, 4)


def test_a_bypassed_node_is_gone_and_readers_read_on():
    model = net("g (float[2, 4] x) => (y) { a = Identity(x) y = Relu(a) }").clone()
    assert bypass(model.node("a"), model.graph.inputs[0])
    assert [node.name for node in model.graph] == ["y"]
    np.testing.assert_array_equal(open_session(model).run(None, {"x": X})[0], np.maximum(X, 0))


def test_an_output_keeps_its_name():
    model = net("g (float[2, 4] x) => (y) { a = Relu(x) b = Neg(a) y = Identity(a) z = Neg(b) }").clone()
    assert bypass(next(n for n in model.graph if n.name == "y"), model.node("a").outputs[0])
    session = open_session(model)
    assert [output.name for output in session.get_outputs()] == ["y"]
    np.testing.assert_array_equal(session.run(["y"], {"x": X})[0], np.maximum(X, 0))


def test_inputs_and_other_outputs_are_not_renamed():
    model = net("g (float[2, 4] x) => (y, a, z) { y = Identity(x) a = Relu(x) z = Identity(a) }").clone()
    assert not bypass(model.node("y"), model.graph.inputs[0])
    assert not bypass(model.node("z"), model.node("a").outputs[0])
    assert [value.name for value in model.graph.outputs] == ["y", "a", "z"]


def test_constants_are_added_and_replaced():
    model = conv_norm().clone()
    value = add_constant(model.graph, "new", normal(3))
    replace_constant(value, normal(5))
    assert model.constant("new").shape == (5,)


def test_what_nothing_reads_goes_and_what_is_given_stays():
    model = net(
        "g (float[2, 4] x) => (y) { a = Neg(x) b = Add(a, w) y = Relu(x) }", w=normal(4), unused=normal(4)
    ).clone()
    assert remove_unused(model.graph) == 2
    assert [node.name for node in model.graph] == ["y"]
    assert not model.graph.initializers
