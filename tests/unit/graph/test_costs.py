import numpy as np
import pytest

from desktop_app.graph.costs import macs_of
from tests.unit.graph.nets import net, normal

W, KERNEL, DEPTHWISE = normal(8, 5), normal(6, 4, 3, 3), normal(4, 1, 3, 3)


@pytest.mark.parametrize(
    ("text", "weight", "expected"),
    [
        ("(float[N, 4, 8, 8] x) => (y) { y = Conv(x, w) }", KERNEL, 6 * 6 * 6 * 4 * 9),
        ("(float[N, 4, 8, 8] x) => (y) { y = Conv<group = 4>(x, w) }", DEPTHWISE, 4 * 6 * 6 * 9),
        ("(float[N, 6, 5, 5] x) => (y) { y = ConvTranspose<strides = [2, 2]>(x, w) }", KERNEL, 6 * 25 * 4 * 9),
        ("(float[N, 8] x) => (y) { y = Gemm(x, w) }", W, 40),
        ("(float[N, 5] x) => (y) { y = Gemm<transB = 1>(x, w) }", W, 40),
        ("(float[8, 3] x) => (y) { y = Gemm<transA = 1>(x, w) }", W, 3 * 40),
        ("(float[N, 7, 8] x) => (y) { y = MatMul(x, w) }", W, 7 * 40),
        ("(float[N, 2, 7, 8] x, float[N, 2, 8, 9] w2) => (y) { y = MatMul(x, w2) z = Neg(w) }", W, 2 * 7 * 8 * 9),
        ('(float[N, 7, 8] x) => (y) { y = Einsum<equation = "bik,kj->bij">(x, w) }', W, 7 * 40),
        ("(float[N, 8] x) => (y) { y = Relu(x) z = Neg(w) }", W, 0),
    ],
)
def test_macs_follow_the_definition_of_the_operator(text, weight, expected):
    model = net(f"g {text}", w=weight)
    assert macs_of(model.node("y"), model.shapes) == expected


def test_recurrent_layers_multiply_by_both_weights_at_every_step():
    model = net(
        "g (float[7, N, 5] x) => (y) { y = LSTM<hidden_size = 3>(x, w, r) }", w=normal(1, 12, 5), r=normal(1, 12, 3)
    )
    assert macs_of(model.node("y"), model.shapes) == 7 * 12 * (5 + 3)


def test_shapes_that_are_not_known_cost_nothing():
    model = net("g (float[N, 8] x) => (y) { u = some.where.Magic(x) y = MatMul(u, w) }", domains=("some.where",), w=W)
    assert macs_of(model.node("y"), model.shapes) == 0
    assert macs_of(model.node("u"), model.shapes) == 0


def test_quantised_convolution_counts_as_the_float_one():
    model = net(
        "g (uint8[N, 4, 8, 8] x) => (y) { y = QLinearConv(x, s, z, w, s, z, s, z) }",
        w=np.zeros((6, 4, 3, 3), np.uint8),
        s=np.float32(1),
        z=np.uint8(0),
    )
    assert macs_of(model.node("y"), model.shapes) == 6 * 6 * 6 * 4 * 9
