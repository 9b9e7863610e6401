import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.graph import shapes as shapes_module
from desktop_app.graph.runtime import open_session
from desktop_app.graph.shapes import infer_shapes
from tests.unit.graph.nets import conv_norm, net, normal


def test_shapes_hold_for_one_sample():
    shapes = infer_shapes(conv_norm())
    assert shapes["c"] == (1, 4, 8, 8)
    assert shapes["y"] == (1, 10)
    assert shapes["w"] == (4, 3, 3, 3)


def test_pads_that_the_graph_computes_are_found():
    model = net(
        """g (float[N, 2, 4] x) => (y) {
            s = Shape(x)
            last = Gather(s, two)
            pads = Concat<axis = 0>(zeros, last)
            y = Pad(x, pads)
        }""",
        two=np.array([2]),
        zeros=np.zeros(5, np.int64),
    )
    assert infer_shapes(model)["y"] == (1, 2, 8)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("y = com.microsoft.FusedConv<activation = 'Relu', pads = [1, 1, 1, 1]>(x, w)".replace("'", '"'), (1, 4, 8, 8)),
        ("y = com.microsoft.Gelu(x)", (1, 3, 8, 8)),
        ("y = com.microsoft.FusedMatMul<transB = 1>(x, x)", (1, 3, 8, 8)),
        ("y = com.microsoft.MatMulNBits<K = 8, N = 6, bits = 4, block_size = 16>(x, q, m)", (1, 3, 8, 6)),
    ],
)
def test_operators_of_onnx_runtime_have_stand_ins(node, expected):
    model = net(
        f"g (float[N, 3, 8, 8] x) => (y) {{ {node} }}",
        domains=("com.microsoft",),
        w=normal(4, 3, 3, 3),
        m=normal(5, 8),
        q=np.zeros((6, 1, 8), np.uint8),
    )
    assert infer_shapes(model)["y"] == expected


def test_what_follows_a_group_normalisation_has_a_shape():
    model = net(
        "g (float[N, 4, 8, 8] x) => (y) { n = GroupNormalization<num_groups = 2>(x, v, v) y = Flatten(n) }",
        opset=21,
        v=np.ones(4, np.float32),
    )
    assert infer_shapes(model)["y"] == (1, 256)


@pytest.mark.parametrize("opset", [1, 5, 6])
def test_old_opsets_have_shapes(opset):
    model = net(
        """g (float[1, 3, 8, 8] x) => (y) {
            c = Conv<kernel_shape = [3, 3]>(x, w)
            n = BatchNormalization<is_test = 1>(c, v, v, v, v)
            y = Add<broadcast = 1, axis = 1>(n, v)
        }""",
        opset=opset,
        ir_version=3,
        w=normal(4, 3, 3, 3),
        v=np.ones(4, np.float32),
    )
    assert infer_shapes(model)["y"] == (1, 4, 6, 6)


def test_an_inference_that_fails_leaves_what_the_file_says(monkeypatch):
    def fail(*_, **__):
        raise onnx.shape_inference.InferenceError("no")

    monkeypatch.setattr(shapes_module.onnx.shape_inference, "infer_shapes", fail)
    shapes = infer_shapes(conv_norm())
    assert shapes["x"] == (1, 3, 8, 8)
    assert shapes["y"] == (1, 10)
    assert "c" not in shapes


def test_a_wrong_shape_in_the_file_does_not_stop_the_inference():
    model = net("g (float[1, 3] x) => (float[7, 7] y) { y = Relu(x) }")
    assert infer_shapes(model)["y"] == (1, 3)


def test_values_that_double_at_every_node_are_not_followed():
    doubling = " ".join(f"a{index + 1} = Concat<axis = 0>(a{index}, a{index})" for index in range(30))
    model = net(f"g (int64[2] x) => (y) {{ {doubling} y = Mul(x, a30) }}", a0=np.ones(2, np.int64))
    assert infer_shapes(model)["a30"] == (2 << 30,)


def test_types_that_are_no_tensors_are_no_obstacle():
    model = net("g (seq(float[2]) x, int64 i) => (float[2] y) { y = SequenceAt(x, i) }")
    assert infer_shapes(model)["y"] == (2,)


SAME, POOL = "{0} = Relu({1})", "{0} = MaxPool<kernel_shape = [2, 2]>({1})"
PAD, SWAP = "{0} = Conv<pads = [1, 2, 1, 2]>({1}, w)", "{0} = Transpose<perm = [0, 1, 3, 2]>({1})"


@given(st.lists(st.sampled_from([SAME, POOL, PAD, SWAP]), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_shapes_are_those_that_onnx_runtime_gives(operators):
    names = ["x", *(f"v{index}" for index in range(len(operators)))]
    body = "\n".join(text.format(new, old) for text, old, new in zip(operators, names, names[1:], strict=False))
    model = net(f"g (float[N, 3, 9, 9] x) => ({names[-1]}) {{ {body} }}", w=normal(3, 3, 3, 3))
    inferred = infer_shapes(model)
    results = open_session(model, outputs=names[1:]).run(names[1:], {"x": normal(1, 3, 9, 9)})
    assert {name: inferred[name] for name in names[1:]} == {
        name: array.shape for name, array in zip(names[1:], results, strict=True)
    }
