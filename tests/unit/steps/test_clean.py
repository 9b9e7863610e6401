import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.assumptions import input_shapes
from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session
from desktop_app.io.onnx_reader import read_model
from desktop_app.steps.clean import Clean
from tests.unit.graph.nets import conv_norm, net, normal

NORM = {
    "scale": normal(4, seed=1),
    "shift": normal(4, seed=2),
    "mean": normal(4, seed=3),
    "variance": np.abs(normal(4, seed=4)) + 0.1,
}
MANY_MACS = 10**9
"""Models of more take most of the time of the test, and have no operator that others do not have."""

NORMALISE = "n = BatchNormalization(a, scale, shift, mean, variance)"


class NoCalibration:
    """Clean looks at no data."""

    samples = 0
    synthetic = True

    def batches(self):
        return iter(())

    def statistic(self, request):
        raise KeyError(request)


def clean(model, recipe=None):
    return Clean().apply(model, recipe or Recipe(), NoCalibration(), SilentToken())


def outputs(model, feeds):
    return open_session(model, optimise=False).run(None, feeds)


def assert_same_outputs(model, cleaned, feeds):
    for before, after in zip(outputs(model, feeds), outputs(cleaned, feeds), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-5)


def operators_of(model):
    return [node.op_type for node in model.graph]


@pytest.mark.parametrize(
    ("layer", "shape", "weights"),
    [
        ("a = Conv(x, w)", (2, 3, 8, 8), {"w": normal(4, 3, 3, 3)}),
        ("a = Conv(x, w, b)", (2, 3, 8, 8), {"w": normal(4, 3, 3, 3), "b": normal(4)}),
        ("a = Conv<group = 2>(x, w)", (2, 6, 8, 8), {"w": normal(4, 3, 3, 3)}),
        ("a = Conv(x, w)", (2, 3, 9), {"w": normal(4, 3, 3)}),
        ("a = ConvTranspose(x, w, b)", (2, 3, 8, 8), {"w": normal(3, 4, 3, 3), "b": normal(4)}),
        ("a = ConvTranspose<group = 2>(x, w)", (2, 6, 8, 8), {"w": normal(6, 2, 3, 3)}),
        ("a = Gemm(x, w, b)", (2, 5), {"w": normal(5, 4), "b": normal(1, 4)}),
        ("a = Gemm<transB = 1>(x, w)", (2, 5), {"w": normal(4, 5)}),
        ("m = MatMul(x, w) a = Add(b, m)", (2, 5), {"w": normal(5, 4), "b": normal(4)}),
    ],
)
def test_normalisation_goes_into_the_layer_before_it(layer, shape, weights):
    text = f"g (float[{', '.join(map(str, shape))}] x) => (y) {{ {layer} {NORMALISE} y = Relu(n) }}"
    model = net(text, **weights, **NORM)
    result = clean(model)
    assert "BatchNormalization" not in operators_of(result.model)
    assert [outcome.layer for outcome in result.outcomes] == [model.layers[0].name]
    assert result.outcomes[0].after.params < result.outcomes[0].before.params
    assert result.model.layers[0].weight == "w"
    assert_same_outputs(model, result.model, {"x": normal(*shape)})


@pytest.mark.parametrize(
    "text",
    [
        f"a = Conv(x, w) {NORMALISE} y = Add(n, a)",
        f"a = Conv(x, w) u = Conv(x, w) {NORMALISE} y = Add(n, u)",
        "a = Conv(x, w) n, m, v = BatchNormalization<training_mode = 1>(a, scale, shift, mean, variance) y = Relu(n)",
        f"d = DequantizeLinear(q, one) a = Conv(x, d) {NORMALISE} y = Relu(n)",
        f"a = Conv(x, w) r = Relu(a) {NORMALISE.replace('(a', '(r')} y = Relu(n)",
    ],
)
def test_what_others_read_or_what_is_stored_in_fewer_bits_is_left_alone(text):
    weights = {"w": normal(4, 3, 3, 3), "q": np.ones((4, 3, 3, 3), np.int8), "one": np.float32(1)}
    model = net(f"g (float[2, 3, 8, 8] x) => (y) {{ {text} }}", **weights, **NORM)
    cleaned = clean(model).model
    assert "BatchNormalization" in operators_of(cleaned)
    assert_same_outputs(model, cleaned, {"x": normal(2, 3, 8, 8)})


@pytest.mark.parametrize("operator", ["Mul", "Add", "Sub", "Div"])
@pytest.mark.parametrize("first", [True, False])
def test_scalings_per_channel_go_the_same_way(operator, first):
    operands = "a, k" if first else "k, a"
    model = net(
        f"g (float[2, 3, 8, 8] x) => (y) {{ a = Conv(x, w) n = {operator}({operands}) y = Relu(n) }}",
        w=normal(4, 3, 3, 3),
        k=np.abs(normal(1, 4, 1, 1)) + 0.1,
    )
    cleaned = clean(model).model
    assert (operator in operators_of(cleaned)) == (not first and operator in ("Sub", "Div"))
    assert_same_outputs(model, cleaned, {"x": normal(2, 3, 8, 8)})


def test_a_locked_layer_stays_as_it_is():
    model = conv_norm()
    recipe = Recipe().with_layer("c", LayerSettings(locked=True))
    result = clean(model, recipe)
    assert not result.outcomes
    np.testing.assert_array_equal(result.model.constant("w"), model.constant("w"))


def test_nothing_to_clean_gives_the_model_itself():
    model = net("g (float[2, 4] x) => (y) { y = MatMul(x, w) }", w=normal(4, 4))
    assert clean(model).model is model


def test_the_model_that_was_given_is_not_touched():
    model = conv_norm()
    before = model.to_bytes()
    first, second = clean(model).model.to_bytes(), clean(model).model.to_bytes()
    assert model.to_bytes() == before
    assert first == second != before


def test_nodes_that_do_nothing_go():
    model = net(
        """g (float[2, 4] x) => (y) {
            a = Identity(x) b = Dropout(a) c = Cast<to = 1>(b) d = Transpose<perm = [0, 1]>(c)
            e = Concat<axis = 0>(d) f = Pad(e, none) h = Relu(f) y = Identity(h) z = Neg(h)
        }""",
        none=np.zeros(4, np.int64),
    )
    cleaned = clean(model).model
    assert operators_of(cleaned) in (["Relu"], ["Cast", "Relu"])
    assert [value.name for value in cleaned.graph.outputs] == ["y"]
    assert_same_outputs(model, cleaned, {"x": normal(2, 4)})


def test_constants_are_computed_where_the_file_does_not_grow():
    model = net(
        """g (float[2, 4] x) => (y) {
            t = Transpose(w)
            m = MatMul(x, t)
            s = ConstantOfShape(size)
            k = Constant<value_float = 2.0>()
            n = Mul(m, s)
            y = Mul(n, k)
        }""",
        w=normal(8000, 4),
        size=np.array([8000]),
    )
    cleaned = clean(model).model
    assert operators_of(cleaned) == ["MatMul", "ConstantOfShape", "Mul", "Mul"]
    assert len(cleaned.to_bytes()) < len(model.to_bytes())
    assert_same_outputs(model, cleaned, {"x": normal(2, 4)})


def test_a_bias_of_zeros_like_the_input_is_a_constant():
    """As torch writes a convolution without a bias where it was told not to optimise."""
    model = net(
        """g (float[N, 4, 5, 5] x) => (y) {
            whole = Shape(w) size = Slice(whole, zero, one)
            typed = CastLike(number, x) bias = Expand(typed, size)
            c = Conv(x, w, bias)
            n = BatchNormalization(c, scale, shift, mean, variance)
            y = Relu(n)
        }""",
        w=normal(4, 4, 1, 1),
        number=np.array(0, np.int64),
        zero=np.array([0]),
        one=np.array([1]),
        **NORM,
    )
    cleaned = clean(model).model
    assert operators_of(cleaned) == ["Conv", "Relu"]
    assert_same_outputs(model, cleaned, {"x": normal(2, 4, 5, 5)})


def test_a_layer_on_constants_stays_a_layer():
    model = net(
        "g (float[2, 8] x) => (y) { e = Gather(table, index) y = Add(x, e) }",
        table=normal(16, 8),
        index=np.array([0, 1]),
    )
    assert [layer.name for layer in clean(model).model.layers] == ["e"]


def test_what_a_caller_may_override_is_no_constant():
    model = net(
        "g (float[2, 4] x, float[4, 4] w) => (y) { t = Transpose(w) m = MatMul(x, t) y = Add(m, b) }",
        w=normal(4, 4),
        b=normal(4),
    )
    cleaned = clean(model).model
    other = {"x": normal(2, 4), "w": normal(4, 4, seed=9)}
    assert_same_outputs(model, cleaned, other)


def test_storage_in_fewer_bits_is_not_undone():
    model = net(
        "g (float[2, 4] x) => (y) { d = DequantizeLinear(w, s) y = MatMul(x, d) }",
        w=np.ones((4, 4), np.int8),
        s=np.float32(0.5),
    )
    assert clean(model).model is model


@given(st.lists(st.sampled_from(["n", "m", "a", "r", "i"]), min_size=1, max_size=6), st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_outputs_stay_whatever_follows_a_convolution(tail, seed):
    texts = {
        "n": "{0} = BatchNormalization({1}, scale, shift, mean, variance)",
        "m": "{0} = Mul({1}, k)",
        "a": "{0} = Add(k, {1})",
        "r": "{0} = Relu({1})",
        "i": "{0} = Identity({1})",
    }
    names = ["c", *(f"v{index}" for index in range(len(tail)))]
    body = " ".join(texts[kind].format(new, old) for kind, old, new in zip(tail, names, names[1:], strict=False))
    model = net(
        f"g (float[2, 3, 6, 6] x) => ({names[-1]}) {{ c = Conv(x, w) {body} }}",
        w=normal(4, 3, 3, 3, seed=seed),
        k=normal(4, 1, 1, seed=seed),
        **NORM,
    )
    assert_same_outputs(model, clean(model).model, {"x": normal(2, 3, 6, 6, seed=seed)})


@pytest.mark.corpus
def test_outputs_of_the_corpus_stay(shared_data):
    compared = 0
    for path in sorted([*shared_data.glob("corpus/[!i]*/*.onnx"), *shared_data.glob("models/*.onnx")]):
        model = read_model(path)
        if sum(layer.macs for layer in model.layers) > MANY_MACS:
            continue
        cleaned = clean(model).model
        try:
            session = open_session(model, optimise=False)
            feeds = random_feeds(model, session)
            before = session.run(None, feeds)
        except (StudioError, *RUNTIME_ERRORS, KeyError):
            continue
        names = [layer.name for layer in cleaned.layers]
        assert names == [layer.name for layer in model.layers if layer.name in names], path
        for one, other in zip(before, outputs(cleaned, feeds), strict=True):
            if isinstance(one, np.ndarray) and one.dtype.kind == "f" and one.size:
                scale = np.nanmax(np.abs(one)) + 1e-6
                np.testing.assert_allclose(other / scale, one / scale, atol=1e-4, err_msg=str(path))
        compared += 1
    assert compared > 50


def random_feeds(model, session):
    """Seeded inputs. Raises KeyError for types that cannot be made up."""
    types = {"tensor(float)": "f4", "tensor(float16)": "f2", "tensor(double)": "f8", "tensor(uint8)": "u1"}
    types |= {"tensor(int64)": "i8", "tensor(int32)": "i4", "tensor(int8)": "i1", "tensor(bool)": "?"}
    rng, shapes = np.random.default_rng(0), input_shapes(model)
    return {
        one.name: np.asarray(rng.random(shapes.get(one.name, ())) * (1 if "float" in one.type else 3), types[one.type])
        for one in session.get_inputs()
    }
