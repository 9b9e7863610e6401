import pytest

from desktop_app.graph.assumptions import assumed_inputs, input_shapes
from tests.unit.graph.nets import net, normal


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("N, 3, 32, 32", (1, 3, 32, 32)),
        ("N, 3, H, W", (1, 3, 224, 224)),
        ("N, C, H, W", (1, 3, 224, 224)),
        ("a, b, c, 3", (1, 224, 224, 3)),
        ("batch, seq_len", (1, 128)),
        ("seq_len, batch, 16", (128, 1, 16)),
        ("N, 16", (1, 16)),
        ("N, 1, a, b, c", (1, 1, 64, 64, 64)),
        ("7, 3", (7, 3)),
    ],
)
def test_free_sizes_are_assumed_by_symbol_then_by_place(declared, expected):
    model = net(f"g (float[{declared}] x) => (float[{declared}] y) {{ y = Relu(x) }}")
    assert input_shapes(model) == {"x": expected}


def test_one_symbol_has_one_size():
    model = net("g (float[N, L] x, float[L, 4] z) => (float[N, 4] y) { y = MatMul(x, z) }")
    assert input_shapes(model) == {"x": (1, 128), "z": (128, 4)}


def test_the_first_convolution_says_how_many_channels_it_reads():
    model = net("g (float[N, C, H, W] x) => (y) { y = Conv<group = 2>(x, w) }", w=normal(4, 2, 1, 1))
    assert input_shapes(model) == {"x": (1, 4, 224, 224)}


def test_a_free_batch_is_no_assumption_worth_telling():
    model = net("g (float[N, 3, 8, 8] x, float[N, 3, H, W] z) => (y) { y = Relu(x) u = Relu(z) }")
    assert assumed_inputs(model) == {"z": (1, 3, 224, 224)}
