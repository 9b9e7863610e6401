import numpy as np

from desktop_app.graph.folding import constant_nodes, evaluate
from tests.unit.graph.nets import net, normal

MODEL = """g (float[2, 3] x) => (y) {
    t = Transpose(w)
    u = RandomNormalLike(t)
    s = Add(t, one)
    p = MatMul(x, s)
    y = Add(p, u2)
    u2 = Neg(one)
}"""


def test_what_depends_on_constants_alone_is_found_in_order_and_chance_is_not():
    model = net(
        MODEL.replace("y = Add(p, u2)\n    u2 = Neg(one)", "u2 = Neg(one) y = Add(p, u2)"),
        w=normal(4, 3),
        one=normal(1),
    )
    nodes = constant_nodes(model.graph, ["w", "one"], lambda _: True)
    assert [node.name for node in nodes] == ["t", "s", "u2"]


def test_results_are_what_onnx_runtime_computes():
    weight, one = normal(4, 3), normal(1)
    model = net("g (float[2, 3] x) => (y) { t = Transpose(w) s = Add(t, one) y = MatMul(x, s) }", w=weight, one=one)
    results = evaluate([model.node("t"), model.node("s")], {"w": weight, "one": one}, 17)
    np.testing.assert_array_equal(results["t"], weight.T)
    np.testing.assert_array_equal(results["s"], weight.T + one)


def test_what_cannot_be_computed_gives_nothing():
    model = net("g (float[2] x) => (y) { t = Reshape(w, five) y = Add(x, t) }", w=normal(2), five=np.array([5]))
    assert evaluate([model.node("t")], {"w": normal(2), "five": np.array([5])}, 17) == {}
