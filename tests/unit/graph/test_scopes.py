import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.graph.scopes import find_scopes
from tests.unit.graph.nets import net, normal

CHAIN = "g (float[N, 4] x) => (y) { a = MatMul(x, w) b = MatMul(a, w) c = MatMul(b, w) y = MatMul(c, w) }"


def scopes_of(names, *, key="", weights=("", "", "", "")):
    """The scopes of four matrices called `names`; or with `names` in their metadata under `key`."""
    model = net(CHAIN, w=normal(4, 4))
    nodes = list(model.graph)
    for node, name in zip(nodes, names, strict=True):
        if key:
            node.metadata_props[key] = name
        else:
            node.name = name
    return find_scopes(model, list(zip(nodes, weights, strict=True)))


def test_slashes_in_names_are_modules_and_a_module_of_one_layer_is_that_layer():
    names = ["/stem/Conv", "/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/conv2/Conv", "/layer1/layer1.1/conv1/Conv"]
    inner = ("layer1", "layer1.0")
    assert scopes_of(names) == [(), inner, inner, ("layer1",)]


def test_dots_in_names_are_modules():
    assert scopes_of(["a.0.conv", "a.0.norm", "a.1.conv", "b"]) == [("a", "a.0"), ("a", "a.0"), ("a",), ()]


def test_a_root_that_holds_everything_is_left_out():
    names = ["model/x/a/MatMul", "model/x/b/MatMul", "model/z/a/MatMul", "model/z/b/MatMul"]
    assert scopes_of(names) == [("x",), ("x",), ("z",), ("z",)]


def test_a_module_that_holds_but_one_stands_for_it_unless_its_name_is_included_there():
    parts = ("f.0/conv/a", "f.0/conv/b", "f.1/conv/a", "f.1/conv/b")
    assert scopes_of([f"/f/{part}/Conv" for part in parts[:3]] + ["/head/Conv"]) == [
        ("f", "f.0"),
        ("f", "f.0"),
        ("f",),
        (),
    ]
    assert scopes_of([f"/f/{part}/Conv" for part in parts]) == [("f.0",), ("f.0",), ("f.1",), ("f.1",)]


def test_exporter_metadata_comes_before_names():
    lists = [
        "['', 'enc', 'enc.0', 'enc.0.fc', 'linear']",
        "['', 'enc', 'enc.0', 'enc.0.proj', 'linear_1']",
        "['', 'enc', 'enc.1', 'linear_2']",
        "['', 'head', 'linear_3']",
    ]
    expected = [("enc", "enc.0"), ("enc", "enc.0"), ("enc",), ()]
    assert scopes_of(lists, key="pkg.torch.onnx.name_scopes") == expected
    namespaces = [": Net/" + "/".join(f"{part}: m.Module" for part in ast.literal_eval(text)[1:]) for text in lists]
    assert scopes_of(namespaces, key="namespace") == expected


@pytest.mark.parametrize(
    "hostile", ["[" * 5000, "__import__('os')", "['a'", "{'a': 1}", "[1, 2]", "\x00", "x" * 20_000]
)
def test_metadata_that_is_no_list_of_names_says_nothing(hostile):
    assert scopes_of([hostile] * 4, key="pkg.torch.onnx.name_scopes") == [()] * 4


def test_names_of_weights_say_where_nodes_do_not_and_gaps_take_what_is_around_them():
    weights = ["net.0.a.weight", "onnx::MatMul_12", "net.0.b.weight", "head.weight"]
    names = ["MatMul_0", "MatMul_1", "MatMul_2", "MatMul_3"]
    assert scopes_of(names, weights=weights) == [("net.0",), ("net.0",), ("net.0",), ()]


def test_without_names_the_stretches_around_a_shortcut_are_blocks():
    model = net(
        """g (float[N, 4] x) => (y) {
            a = MatMul(x, w)
            b = MatMul(a, w) c = MatMul(b, w) d = Add(c, a)
            e = MatMul(d, w) f = MatMul(e, w) h = Add(f, d)
            y = MatMul(h, w)
        }""",
        w=normal(4, 4),
    )
    matrices = [(node, "w") for node in model.graph if node.op_type == "MatMul"]
    assert find_scopes(model, matrices) == [(), ("block 1",), ("block 1",), ("block 2",), ("block 2",), ()]


@given(st.lists(st.text(max_size=20), min_size=4, max_size=4))
def test_any_name_has_a_scope(names):
    for scope in scopes_of(names):
        assert all(isinstance(part, str) and part for part in scope)
