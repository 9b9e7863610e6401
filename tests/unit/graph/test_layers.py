import numpy as np
import pytest

from desktop_app.core.settings import KNOBS
from desktop_app.graph.model import ORIGIN_KEY
from desktop_app.io.onnx_reader import read_model
from tests.unit.graph.nets import conv_norm, net, normal


def test_a_row_is_the_layer_and_what_follows_it():
    conv, gemm = conv_norm().layers
    assert conv.nodes == ("c", "n", "r", "p", "f")
    assert (conv.weight, conv.weight_shape, conv.output_shape) == ("w", (4, 3, 3, 3), (1, 4, 8, 8))
    assert conv.params == 4 * 27 + 4 + 4 * 4
    assert conv.bytes == conv.params * 4
    assert conv.per_channel == 5
    assert (conv.output.size, conv.input.size, conv.kernel) == (4, 3, (3, 3))
    assert (gemm.output.size, gemm.input.size, gemm.params, gemm.macs) == (10, 4, 50, 40)


def test_elements_of_a_row_are_weight_and_vectors_and_rest():
    for layer in conv_norm().layers:
        assert layer.params == np.prod(layer.weight_shape) + layer.per_channel * layer.output.size


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("(float[N, 5] x) => (y) { y = Gemm<transB = 1>(x, w) }", (8, 5)),
        ("(float[N, 8] x) => (y) { y = Gemm(x, w) }", (5, 8)),
        ("(float[N, 7, 8] x) => (y) { y = MatMul(x, w) }", (5, 8)),
        ("(float[5, N] x) => (y) { y = MatMul(w, x) }", (8, 5)),
        ("(float[N, 5] x) => (y) { t = Transpose<perm = [1, 0]>(w) y = MatMul(x, t) }", (8, 5)),
    ],
)
def test_axes_are_output_and_input_channels_however_the_weight_is_stored(text, sizes):
    (layer,) = net(f"g {text}", w=normal(8, 5)).layers
    assert (layer.output.size, layer.input.size) == sizes
    assert layer.weight_shape == (8, 5)


def test_grouped_convolutions_read_the_channels_of_their_group():
    (layer,) = net("g (float[N, 4, 8, 8] x) => (y) { y = Conv<group = 2>(x, w) }", w=normal(6, 2, 3, 3)).layers
    assert (layer.output.size, layer.input.size, layer.convolution_groups) == (6, 2, 2)


def test_a_weight_that_two_layers_share_is_counted_to_the_first():
    first, second = net("g (float[N, 4] x) => (y) { a = MatMul(x, w) y = MatMul(a, w) }", w=normal(4, 4)).layers
    assert (first.params, second.params) == (16, 0)
    assert first.macs == second.macs == 16


def test_nodes_before_the_first_layer_and_constants_belong_to_who_reads_them():
    model = net(
        """g (float[N, 4] x) => (y) {
            s = Constant<value_float = 2.0>()
            m = Mul(x, s)
            y = MatMul(m, w)
            z = Neg(x)
        }""",
        w=normal(4, 4),
    )
    (layer,) = model.layers
    assert set(layer.nodes) == {"s", "m", "y"}
    assert layer.params == 17


def test_weights_behind_dequantize_count_what_is_stored():
    model = net(
        """g (float[N, 4] x) => (y) {
            d = DequantizeLinear(w, scale, zero)
            y = MatMul(x, d)
        }""",
        w=np.ones((4, 8), np.int8),
        scale=np.float32(0.1),
        zero=np.int8(0),
    )
    (layer,) = model.layers
    assert (layer.bits, layer.params, layer.bytes) == (8, 32, 32 + 4 + 1)
    assert layer.nodes == ("y", "d")


def test_half_precision_behind_cast_has_16_bits():
    model = net("g (float[N, 4] x) => (y) { c = Cast<to = 1>(w) y = MatMul(x, c) }", w=np.ones((4, 8), np.float16))
    assert (model.layers[0].bits, model.layers[0].bytes) == (16, 64)


def test_weights_in_constant_nodes_are_weights():
    model = net("g (float[N, 2] x) => (y) { w = Constant<value = float[2, 2] {1, 2, 3, 4}>() y = MatMul(x, w) }")
    (layer,) = model.layers
    assert (layer.weight, layer.weight_shape, layer.params) == ("w", (2, 2), 4)


def test_layers_in_bodies_are_listed_and_refused():
    model = net(
        """g (bool c, float[1, 4] x) => (y) {
            y = If(c) <then_branch = t () => (float[1, 4] a) { a = MatMul(x, w) },
                       else_branch = e () => (float[1, 4] b) { b = Neg(x) }>
        }""",
        w=normal(4, 4),
    )
    (layer,) = model.layers
    assert layer.weight == "w"
    assert layer.refusals == dict.fromkeys(KNOBS, "inside the body of If node y")


def test_a_weight_that_a_caller_may_replace_is_refused():
    model = net(
        "g (float[N, 4] x, float[4, 4] w) => (y) { a = MatMul(x, w) y = MatMul(a, v) }", w=normal(4, 4), v=normal(4, 4)
    )
    first, second = model.layers
    assert "also an input" in first.refusals["bits"]
    assert not second.refusals


def test_lookups_are_layers_only_where_the_table_is_an_embedding():
    model = net(
        """g (int64[N, 6] x) => (y, s) {
            y = Gather(table, x)
            n = Shape(y)
            s = Gather(n, index)
        }""",
        table=normal(100, 8),
        index=np.array([0]),
    )
    (layer,) = model.layers
    assert (layer.op_type, layer.params, layer.macs) == ("Gather", 800, 0)
    assert (layer.output.size, layer.input.size) == (8, 100)


def test_unknown_operators_with_a_matrix_are_layers():
    (layer,) = net(
        "g (float[N, 4] x) => (y) { y = some.where.Magic(x, w) }", domains=("some.where",), w=normal(4, 4)
    ).layers
    assert (layer.op_type, layer.weight, layer.macs) == ("some.where.Magic", "w", 0)


def test_the_origin_is_what_a_step_wrote_or_the_layer_itself():
    model = conv_norm().clone()
    model.node("c").metadata_props[ORIGIN_KEY] = "old"
    assert [layer.origin for layer in model.layers] == ["old", "y"]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("file", "layers", "params", "macs"),
    [
        ("mobilenet_v1_0.75_224", 28, 2_577_354, 325_396_224),
        ("resnet20_cifar10", 20, 269_034, 40_551_040),
        ("resnet56_cifar10", 56, 850_986, 125_485_696),
        ("resnet8_cifar10_mlperf", 10, 77_706, 12_501_632),
    ],
)
def test_known_nets_cost_what_is_known_of_them(shared_data, file, layers, params, macs):
    table = read_model(shared_data / "models" / f"{file}.onnx").layers
    assert len(table) == layers
    assert sum(layer.params for layer in table) == params
    assert sum(layer.macs for layer in table) == pytest.approx(macs, rel=1e-3)


@pytest.mark.corpus
def test_tables_of_the_corpus_hold_together(shared_data):
    """Names are unique, every node is in one row at most, and rows hold no more than the file."""
    seen = 0
    for path in sorted(shared_data.glob("corpus/[!i]*/*.onnx")):
        model = read_model(path)
        names = [layer.name for layer in model.layers]
        nodes = [name for layer in model.layers for name in layer.nodes]
        assert len(set(names)) == len(names), path
        assert len(set(nodes)) == len(nodes), path
        assert all(min(layer.params, layer.bytes, layer.macs) >= 0 for layer in model.layers), path
        stored = sum(file.stat().st_size for file in path.parent.glob("*") if file.suffix in {".onnx", ".bin"})
        assert sum(layer.bytes for layer in model.layers) <= stored, path
        seen += len(names)
    assert seen > 400
